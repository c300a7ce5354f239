import CLinux

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The system gave no thread.
package struct ThreadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system's error number.
    package let code: CInt

    /// The system's words.
    package var description: String { "a thread: \(String(cString: strerror(code)))" }
}

/// A thread of its own for what may block for long, with all signals blocked: they belong to the main thread, and a broken
/// pipe is an error on others.
package enum DetachedThread {
    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts a thread, which is never joined: one that hangs is left behind when the process ends.
    ///
    /// - Parameters:
    ///   - name: As shown by `ps -L` and debuggers; the first 15 bytes count.
    ///   - run: Begins at once.
    /// - Throws: When the system gives no thread.
    package static func start(name: String, _ run: @escaping @Sendable () -> Void) throws(ThreadError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        let argument = Unmanaged.passRetained(Body(name: name, run: run))
        var thread = pthread_t()
        let code = pthread_create(&thread, &attributes, { DetachedThread.main($0) }, argument.toOpaque())
        guard code == 0 else {
            argument.release()
            throw ThreadError(code: code)
        }
    }

    private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        var signals = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        // The system cuts a longer name off.
        linux_name_thread(body.name)
        body.run()
        return nil
    }
}
