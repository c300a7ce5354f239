import FailoverCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension IPAddress {
    /// Whether a connection to it can mean anything: not unspecified, multicast or broadcast.
    ///
    /// Filtering resolvers answer such addresses for names that they block.
    var isUsable: Bool {
        let (start, isBroadcast) = withSocketAddress(port: 0) { address, _ in
            let bytes = UnsafeRawPointer(address)
            let offset: Int
            switch family {
            case .ipv4: offset = MemoryLayout<sockaddr_in>.offset(of: \.sin_addr) ?? 0
            case .ipv6: offset = MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) ?? 0
            }
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            return (bytes.load(fromByteOffset: offset, as: UInt8.self), family == .ipv4 && word == .max)
        }
        let isMulticast =
            switch family {
            case .ipv4: start >= 224 && start <= 239
            case .ipv6: start == 0xff
            }
        return !isUnspecified && !isMulticast && !isBroadcast
    }
}
