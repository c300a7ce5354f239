import FailoverControl
import FailoverThreads
import Glibc

/// Waits for keys and signals on a thread of its own, because a terminal is read as long as its owner likes.
struct ScreenInput {
    enum News: Sendable {
        case key(WatchKey)
        case signal(CInt)
        /// The terminal is gone.
        case end
    }

    /// How long an escape alone may be the beginning of another key: longer than a slow line needs.
    private static let escapePause: CInt = 50

    /// Calls `onNews` from then on.
    static func start(
        _ signals: TerminalSignals,
        onNews: @escaping @Sendable (News) -> Void
    ) throws(ThreadError) {
        let descriptor = signals.descriptor
        try DetachedThread.start(name: "failoverctl-in") {
            var reader = WatchKeyReader()
            while true {
                var watched = [
                    pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                ]
                let count = poll(&watched, 2, reader.isUndecided ? escapePause : -1)
                if count == 0 { for key in reader.settle() { onNews(.key(key)) } }
                if watched[1].revents != 0 {
                    for number in read(descriptor) ?? [] { onNews(.signal(CInt(number))) }
                }
                guard count > 0, watched[0].revents != 0 else { continue }
                guard let bytes = read(STDIN_FILENO), !bytes.isEmpty else {
                    if errno == EINTR || errno == EAGAIN { continue }
                    return onNews(.end)
                }
                for key in reader.read(bytes) { onNews(.key(key)) }
            }
        }
    }

    /// What is there; `nil` if nothing can be read.
    private static func read(_ descriptor: CInt) -> [UInt8]? {
        errno = 0
        var buffer: [UInt8] = Array(repeating: 0, count: 1024)
        let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        return count < 0 ? nil : Array(buffer.prefix(count))
    }
}
