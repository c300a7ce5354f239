import Foundation

/// Connects a Unix socket; `false` if nobody listens at `path`.
package func connectUnix(_ descriptor: Int32, to path: String) -> Bool {
    withUnixAddress(path) { address, length in connect(descriptor, address, length) == 0 } ?? false
}

/// Gives a Unix socket its path; `false` if that is refused.
package func bindUnix(_ descriptor: Int32, to path: String) -> Bool {
    withUnixAddress(path) { address, length in bind(descriptor, address, length) == 0 } ?? false
}

/// Calls `body` with the address of a path; `nil` if the path does not fit into one.
private func withUnixAddress<Result>(
    _ path: String,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8) + [0]
    guard bytes.count <= MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
