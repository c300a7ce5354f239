package import FailoverCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A literal IPv4 or IPv6 address, without a port.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    package typealias Family = AddressFamily

    package let family: Family
    /// The address in network byte order, an IPv4 address in the first four bytes of `high`.
    private let high: UInt64
    private let low: UInt64
    /// The interface of a link-local IPv6 address, 0 for any.
    private let scope: UInt32

    /// Reads dotted decimals or colon hexadecimals, the latter possibly with `%` and an interface; `nil` for a name.
    package init?(_ text: String) {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(v4)
            return
        }
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, String(parts[0]), &v6) == 1 else { return nil }
        var scope: UInt32 = 0
        if parts.count == 2 {
            scope = UInt32(parts[1]) ?? if_nametoindex(String(parts[1]))
            guard scope > 0 else { return nil }
        }
        self.init(v6, scope: scope)
    }

    init(_ address: in_addr) {
        family = .ipv4
        high = UInt64(address.s_addr)
        low = 0
        scope = 0
    }

    init(_ address: in6_addr, scope: UInt32 = 0) {
        family = .ipv6
        (high, low) = withUnsafeBytes(of: address) {
            ($0.load(as: UInt64.self), $0.load(fromByteOffset: 8, as: UInt64.self))
        }
        self.scope = scope
    }

    /// All zeros: what blocking resolvers answer instead of an address.
    package var isUnspecified: Bool { high == 0 && low == 0 }

    package var isLoopback: Bool {
        switch family {
        case .ipv4: high & 0xff == 127
        case .ipv6: high == 0 && low == UInt64(1).bigEndian
        }
    }

    package var description: String {
        switch family {
        case .ipv4: return text(of: in_addr(s_addr: UInt32(truncatingIfNeeded: high)), AF_INET)
        case .ipv6: return text(of: v6, AF_INET6) + (scope == 0 ? "" : "%\(scope)")
        }
    }

    /// Calls `body` with the address and `port` as the system calls want them.
    func withSocketAddress<Result>(
        port: Int,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        switch family {
        case .ipv4:
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
            address.sin_addr.s_addr = UInt32(truncatingIfNeeded: high)
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        case .ipv6:
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = in_port_t(truncatingIfNeeded: port).bigEndian
            address.sin6_addr = v6
            address.sin6_scope_id = scope
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
    }

    private var v6: in6_addr {
        var address = in6_addr()
        withUnsafeMutableBytes(of: &address) {
            $0.storeBytes(of: high, as: UInt64.self)
            $0.storeBytes(of: low, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }

    private func text<Address>(of address: Address, _ family: CInt) -> String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let isShown = withUnsafePointer(to: address) { inet_ntop(family, $0, &buffer, socklen_t(buffer.count)) != nil }
        guard isShown else { return "?" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
