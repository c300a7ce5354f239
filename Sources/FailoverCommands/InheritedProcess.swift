import FoundationEssentials
import Glibc

/// What we were started with, for a command that takes our place: it shall find that, and nothing of ours.
///
/// A command inherits the signal mask of the thread that becomes it, and threads of the runtime block nearly all signals.
/// SwiftNIO ignores SIGPIPE, and its epoll descriptors stay open.
enum InheritedProcess {
    private struct Start: Sendable {
        var blocked = sigset_t()
        var ignoresBrokenPipes = false
        var descriptors: Set<CInt> = []
    }

    private static let start: Start = {
        var start = Start()
        pthread_sigmask(SIG_BLOCK, nil, &start.blocked)
        var action = sigaction()
        sigaction(SIGPIPE, nil, &action)
        start.ignoresBrokenPipes = action.__sigaction_handler.sa_handler.map { isIgnoring($0) } ?? false
        start.descriptors = Set(openDescriptors)
        return start
    }()

    /// To be called on the first thread, before there are others.
    static func remember() { _ = start }

    /// To be called by the thread that becomes the command.
    static func restore() {
        for descriptor in openDescriptors where !start.descriptors.contains(descriptor) {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
        if !start.ignoresBrokenPipes { signal(SIGPIPE, SIG_DFL) }
        var blocked = start.blocked
        pthread_sigmask(SIG_SETMASK, &blocked, nil)
    }

    /// `SIG_IGN`, which Swift cannot compare.
    private static func isIgnoring(_ handler: @convention(c) (CInt) -> Void) -> Bool {
        unsafeBitCast(handler, to: Int.self) == 1
    }

    private static var openDescriptors: [CInt] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { CInt($0) }
    }
}
