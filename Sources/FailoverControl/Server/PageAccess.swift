import FailoverWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Who may read over TCP: by which names the server may be asked for, and what has to be shown.
package struct PageAccess: Sendable {
    /// A secret that every request shows, itself or by the cookie that it was exchanged for.
    package struct Token: Sendable {
        private let value: [UInt8]
        /// What a browser keeps in place of the token; worth nothing after a restart.
        private let session: [UInt8]

        /// Shorter ones can be guessed.
        package static let minimumBytes = 16
        private static let cookie = "failoverd_session"

        /// `nil` for less than ``minimumBytes``; `random` is for the cookie.
        package init?(_ value: String, random: (UInt64, UInt64, UInt64, UInt64)) {
            guard value.utf8.count >= Self.minimumBytes else { return nil }
            self.value = Array(value.utf8)
            session = [random.0, random.1, random.2, random.3]
                .flatMap { Array((String(repeating: "0", count: 16) + String($0, radix: 16)).utf8.suffix(16)) }
        }

        func isShown(by request: Request) -> Bool {
            if let header = request.headers[.authorization] {
                let scheme = "bearer "
                guard header.prefix(scheme.count).lowercased() == scheme else { return false }
                return isSame(Array(header.utf8.dropFirst(scheme.utf8.count)))
            }
            return (request.headers[.cookie] ?? "").split(separator: ";").contains { part in
                let pair = part.drop { $0 == " " }
                guard pair.hasPrefix(Self.cookie + "=") else { return false }
                return Self.equal(Array(pair.utf8.dropFirst(Self.cookie.utf8.count + 1)), session)
            }
        }

        func isSame(_ other: [UInt8]) -> Bool { Self.equal(other, value) }

        /// As a header says it; for this origin alone, and not for scripts.
        var setCookie: String {
            "\(Self.cookie)=\(String(decoding: session, as: UTF8.self)); Path=/; HttpOnly; SameSite=Strict"
        }

        /// Takes as long for a beginning that is right as for one that is wrong.
        private static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
            var difference = left.count ^ right.count
            for index in right.indices {
                difference |= Int((index < left.count ? left[index] : ~right[index]) ^ right[index])
            }
            return difference == 0
        }
    }

    /// `nil` where none is needed.
    let token: Token?
    private let hosts: Set<String>

    package init(token: Token?, hosts: [String]) {
        self.token = token
        self.hosts = Set(hosts)
    }

    /// Whether a `Host` header is one of ours.
    ///
    /// A page of somebody else reaches us under its own name, if that name leads to this machine. An address has no owner who
    /// could do that.
    func admits(host: String?) -> Bool {
        guard let host, let name = Self.name(of: host) else { return false }
        return name == "localhost" || hosts.contains(name) || (try? SocketAddress(ipAddress: name, port: 0)) != nil
    }

    /// Without its port, and an IPv6 address without its brackets; `nil` for what is no name with a port.
    private static func name(of host: String) -> String? {
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            let port = host[host.index(after: end)...]
            guard port.isEmpty || isPort(port) else { return nil }
            return String(host[host.index(after: host.startIndex)..<end])
        }
        guard let colon = host.firstIndex(of: ":") else { return host.lowercased() }
        return isPort(host[colon...]) ? host[..<colon].lowercased() : nil
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.first == ":" && 2...6 ~= text.utf8.count && text.dropFirst().utf8.allSatisfy { (48...57).contains($0) }
    }
}
