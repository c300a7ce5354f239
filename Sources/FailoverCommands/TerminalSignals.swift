import Glibc
import Synchronization

/// The end of the pipe to which the handlers write.
private let wakingEnd = Atomic<CInt>(-1)

/// Signals that concern a screen, as bytes of a pipe, so that whoever waits for keys hears of them, too.
struct TerminalSignals {
    /// To be read without waiting; each byte is the number of a signal.
    let descriptor: CInt

    /// Those that end a program; what it shows is put away first.
    static let ending: [CInt] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
    private static let heard = ending + [SIGTSTP, SIGCONT, SIGWINCH]

    /// From now on none of them does what it usually does.
    ///
    /// - Returns: `nil` if the system gives no pipe.
    static func install() -> TerminalSignals? {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        wakingEnd.store(ends[1], ordering: .sequentiallyConsistent)
        for number in heard {
            var action = sigaction()
            action.sa_flags = SA_RESTART
            // Only what a handler may do: a load, and a write that cannot wait. A full pipe has news enough.
            action.__sigaction_handler.sa_handler = { number in
                let code = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(wakingEnd.load(ordering: .relaxed), &byte, 1)
                errno = code
            }
            sigaction(number, &action, nil)
        }
        return TerminalSignals(descriptor: ends[0])
    }

    /// Does what the signal would have done.
    static func obey(_ number: CInt) {
        signal(number, SIG_DFL)
        raise(number)
    }
}
