import FailoverCore
import FoundationEssentials
import NIOConcurrencyHelpers

/// The credentials of all probes and proxies: files are read at the start and again on reload, what systemd handed over
/// is read once.
final class CredentialStore: Sendable {
    /// What is wanted, and for what.
    enum Wanted: Hashable, Sendable {
        /// A key, shown to an endpoint.
        case key(Credential)
        /// `user:password`, shown to a proxy.
        case proxy(file: String)
    }

    /// Largest part of a file that is read, in bytes; a key has some hundred.
    static let maximumBytes = 64 * 1024

    /// `$CREDENTIALS_DIRECTORY`; `nil` if the process was given none.
    private let directory: String?
    private struct Values {
        var current: [Wanted: Result<Secret, ProbeDefect>] = [:]
        /// Of the reload before: attempts that began before the last one may still ask.
        var former: [Wanted: Result<Secret, ProbeDefect>] = [:]
    }

    private let values = NIOLockedValueBox(Values())

    init(directory: String? = nil) { self.directory = directory }

    /// Reads all files of `wanted` anew and forgets all others at the next reload.
    ///
    /// Not for loops.
    func reload(_ wanted: Set<Wanted>) {
        let known = values.withLockedValue(\.current)
        var fresh: [Wanted: Result<Secret, ProbeDefect>] = [:]
        for credential in wanted {
            let kept = credential.lastsForever ? known[credential] : nil
            fresh[credential] = kept ?? read(credential)
        }
        values.withLockedValue { $0 = Values(current: fresh, former: $0.current) }
    }

    /// The value of a credential: the key itself, or what is sent to a proxy.
    ///
    /// Reads nothing, so that loops may call it.
    ///
    /// - Throws: What is wrong with it, without its content.
    func secret(_ wanted: Wanted) throws(ProbeDefect) -> Secret {
        let value = values.withLockedValue { $0.current[wanted] ?? $0.former[wanted] }
        guard let value else { throw ProbeDefect(detail: "a credential is no longer configured") }
        return try value.get()
    }

    private func read(_ wanted: Wanted) -> Result<Secret, ProbeDefect> {
        do throws(ProbeDefect) {
            switch wanted {
            case .key(.file(let path)): return .success(try Self.key(in: path, named: "credential file \(path)"))
            case .key(.systemd(let name)):
                return .success(try Self.key(in: path(of: name), named: "credential \(name)"))
            case .proxy(let path): return .success(try Self.proxyAuthorization(in: path))
            }
        } catch {
            return .failure(error)
        }
    }

    /// Where systemd left a credential.
    private func path(of name: String) throws(ProbeDefect) -> String {
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
            throw ProbeDefect(detail: "credential \(name): not the name of a systemd credential, which has no /")
        }
        guard let directory else {
            throw ProbeDefect(detail: "credential \(name): $CREDENTIALS_DIRECTORY is not set, systemd gave us none")
        }
        return CredentialPlace.path(of: name, in: directory)
    }

    /// The first line of a file, of visible ASCII characters.
    private static func key(in path: String, named name: String) throws(ProbeDefect) -> Secret {
        let line = try firstLine(of: path, named: name)
        guard !line.isEmpty else { throw ProbeDefect(detail: "\(name) is empty") }
        if let position = line.firstIndex(where: { !(0x21...0x7e).contains($0) }) {
            let detail = "\(name): byte \(position + 1) of the first line is no visible ASCII character, as in a header"
            throw ProbeDefect(detail: detail)
        }
        return Secret(String(decoding: line, as: UTF8.self))
    }

    /// The value of `Proxy-Authorization`.
    private static func proxyAuthorization(in path: String) throws(ProbeDefect) -> Secret {
        let name = "credentials of the proxy: \(path)"
        let line = try firstLine(of: path, named: name)
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
            throw ProbeDefect(detail: "\(name) does not hold user:password")
        }
        return Secret("Basic " + Data(line).base64EncodedString())
    }

    /// Without its end.
    private static func firstLine(of path: String, named name: String) throws(ProbeDefect) -> [UInt8] {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FilePrefix.read(path, count: maximumBytes + 1)
        } catch {
            throw ProbeDefect(detail: "\(name) cannot be read: \(error)")
        }
        let line = Array(bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") })
        guard line.count <= maximumBytes else {
            throw ProbeDefect(detail: "\(name): the first line is over \(maximumBytes) bytes")
        }
        return line
    }
}

extension CredentialStore.Wanted {
    /// The same for the life of the process.
    fileprivate var lastsForever: Bool { if case .key(.systemd) = self { true } else { false } }
}

extension ProbeConfiguration {
    /// What attempts of this probe need to be known.
    var credentials: [CredentialStore.Wanted] {
        var wanted: [CredentialStore.Wanted] = []
        if let file = connection.proxy?.credentialFile { wanted.append(.proxy(file: file)) }
        if case .chat(let chat) = request, let credential = chat.credential { wanted.append(.key(credential)) }
        return wanted
    }
}
