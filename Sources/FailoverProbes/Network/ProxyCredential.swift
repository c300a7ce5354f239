import FoundationEssentials

/// The credentials for a proxy, from a file.
enum ProxyCredential {
    /// The value of `Proxy-Authorization`, which is a secret.
    ///
    /// `nil` without a file.
    ///
    /// - Throws: What is wrong with the file, without its content.
    static func authorization(_ path: String?) throws(ProbeDefect) -> String? {
        guard let path else { return nil }
        guard let text = smallFile(path) else {
            throw ProbeDefect(detail: "credentials of the proxy: \(path) cannot be read")
        }
        let line = text.prefix { !$0.isNewline }
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
            throw ProbeDefect(detail: "credentials of the proxy: \(path) does not hold user:password")
        }
        return "Basic " + Data(line.utf8).base64EncodedString()
    }
}

/// The text of a small file, at most 4 KiB of it; `nil` if it cannot be read.
func smallFile(_ path: String) -> String? {
    guard let file = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: file.prefix(4096), as: UTF8.self)
}
