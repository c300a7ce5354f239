import FailoverCore

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Names and literal addresses of hosts.
enum HostText {
    /// The family of the literal address, without brackets, that `text` is; `nil` for anything else.
    static func family(of text: String) -> AddressFamily? {
        var ipv4 = in_addr()
        if inet_pton(AF_INET, text, &ipv4) == 1 { return .ipv4 }
        var ipv6 = in6_addr()
        return inet_pton(AF_INET6, text, &ipv6) == 1 ? .ipv6 : nil
    }

    /// Whether what is sent to `host` stays on this machine.
    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && family(of: host) == .ipv4)
    }

    /// Whether `text` is a DNS name, or an IPv4 address if its last label is a number.
    static func isName(_ text: String) -> Bool {
        let name = text.hasSuffix(".") ? text.dropLast() : text[...]
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard 1...253 ~= name.utf8.count, let last = labels.last else { return false }
        if last.utf8.allSatisfy(ASCII.isDigit) { return family(of: text) == .ipv4 }
        return labels.allSatisfy { label in
            1...63 ~= label.utf8.count && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { ASCII.isLetterOrDigit($0) || "-_".utf8.contains($0) }
        }
    }
}

extension AddressFamily {
    /// As people write it.
    var title: String {
        switch self {
        case .ipv4: "IPv4"
        case .ipv6: "IPv6"
        }
    }
}
