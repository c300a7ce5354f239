import Glibc

/// Where the listening socket outlives the process, so that who asks while a daemon restarts waits instead of being refused.
package struct SocketStore: Sendable {
    /// A descriptor with the name under which it was kept.
    package struct Entry: Hashable, Sendable {
        package let name: String
        package let descriptor: CInt

        package init(name: String, descriptor: CInt) {
            self.name = name
            self.descriptor = descriptor
        }
    }

    /// What a predecessor left, in no particular order; whoever opens the socket uses or closes each.
    let inherited: [Entry]
    /// Keeps a copy of a listening socket.
    ///
    /// - Returns: Whether somebody keeps it.
    let keep: @Sendable (Entry) -> Bool
    /// Closes all copies of that name.
    let forget: @Sendable (_ name: String) -> Void

    package init(
        inherited: [Entry],
        keep: @escaping @Sendable (Entry) -> Bool,
        forget: @escaping @Sendable (_ name: String) -> Void
    ) {
        self.inherited = inherited
        self.keep = keep
        self.forget = forget
    }

    /// A process that nobody keeps anything for.
    package static let none = SocketStore(inherited: [], keep: { _ in false }, forget: { _ in })

    /// The socket that a predecessor left at `path`, with `mode` and `group` as they are wanted now; `nil` without one.
    ///
    /// Everything else that was left is closed: it belongs to another path, or its file is gone, and nobody could come in.
    func take(path: String, mode: UInt32, group: UInt32?) -> ListeningSocket? {
        var taken: ListeningSocket?
        for entry in inherited {
            if taken == nil, let socket = ListeningSocket(kept: entry, path: path, mode: mode, group: group) {
                taken = socket
            } else {
                forget(entry.name)
                close(entry.descriptor)
            }
        }
        return taken
    }
}
