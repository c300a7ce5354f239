import FailoverCore

/// Reads where the page is served.
enum HTTPOutputReader {
    private typealias Keys = HTTPOutputKeys

    /// What stands in the outputs; `nil` where it is missing or was refused.
    static func read(in outputs: MappingReader, cache: FileAndPatternCache) -> HTTPOutputConfiguration? {
        guard let reader = outputs.mapping(Keys.http, table: Keys.table) else { return nil }
        let token = token(reader, cache: cache)
        let hosts = hosts(reader)
        guard let listen = reader.value(Keys.listen) else { return nil }
        let hasToken = reader[Keys.token.name] != nil || reader[Keys.tokenFile.name] != nil
        if !HostText.isLoopback(listen.host), !hasToken, let node = reader[Keys.listen.name] {
            reader.findings.refuse(
                node,
                found: "\(listen), which others than this machine can reach, without a token",
                allowed: "an address of this machine alone, such as 127.0.0.1:\(listen.port), or a token beside it",
                hint: "token_file: PATH names a file with the token in its only line"
            )
        }
        return HTTPOutputConfiguration(listen: listen, token: token, hosts: hosts)
    }

    private static func token(_ reader: MappingReader, cache: FileAndPatternCache) -> Credential? {
        let file = reader[Keys.tokenFile.name]
        if reader[Keys.token.name] != nil {
            if let file { reader.findings.refuse(file, found: "both token and token_file", allowed: "one of them") }
            return reader.value(Keys.token).map { .systemd(name: $0) }
        }
        guard let file, let path = reader.value(Keys.tokenFile) else { return nil }
        cache.check(path, as: .secret, file, reader.findings)
        return .file(path: path)
    }

    private static func hosts(_ reader: MappingReader) -> [String] {
        guard let node = reader[Keys.hosts] else { return [] }
        guard case .list(let items) = node.content else {
            reader.findings.refuse(
                node,
                found: node.foundKind,
                allowed: "a list of names, such as [failover.example.com]"
            )
            return []
        }
        guard 1...Keys.maximumHosts ~= items.count else {
            let found = items.isEmpty ? "an empty list" : "\(items.count) names"
            reader.findings.refuse(node, found: found, allowed: "1 to \(Keys.maximumHosts) names")
            return []
        }
        return items.compactMap { reader.findings.read($0, as: Keys.host) }
    }
}
