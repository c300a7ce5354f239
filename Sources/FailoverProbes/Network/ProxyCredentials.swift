import FoundationEssentials
import NIOConcurrencyHelpers

/// The credentials for proxies, read from their files once and again on reload.
final class ProxyCredentials: Sendable {
    /// What is read of a file; its first line is far shorter.
    private static let maximumBytes = 4096
    /// By path; secrets.
    private let values = NIOLockedValueBox<[String: Result<String, ProbeDefect>]>([:])

    /// Reads all `files` anew and forgets all others.
    ///
    /// Not for loops.
    func reload(_ files: Set<String>) {
        var fresh: [String: Result<String, ProbeDefect>] = [:]
        for file in files { fresh[file] = Self.read(file) }
        values.withLockedValue { $0 = fresh }
    }

    /// The value of `Proxy-Authorization`, which is a secret.
    ///
    /// - Throws: What is wrong with the file, without its content.
    func authorization(_ file: String) throws(ProbeDefect) -> String {
        if let value = values.withLockedValue({ $0[file] }) { return try value.get() }
        let value = Self.read(file)
        values.withLockedValue { $0[file] = value }
        return try value.get()
    }

    private static func read(_ file: String) -> Result<String, ProbeDefect> {
        guard let bytes = try? FilePrefix.read(file, count: maximumBytes) else {
            return .failure(ProbeDefect(detail: "credentials of the proxy: \(file) cannot be read"))
        }
        let line = String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline }
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
            return .failure(ProbeDefect(detail: "credentials of the proxy: \(file) does not hold user:password"))
        }
        return .success("Basic " + Data(line.utf8).base64EncodedString())
    }
}
