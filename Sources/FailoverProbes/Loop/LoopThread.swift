import CLinux

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A detached thread for a loop, with all signals blocked: they belong to the main thread.
enum LoopThread {
    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: As shown by `ps -L` and debuggers; at most 15 bytes.
    ///   - run: Begins at once.
    /// - Throws: When the system gives no thread.
    static func start(name: String, _ run: @escaping @Sendable () -> Void) throws(SystemError) {
        precondition(name.utf8.count <= 15, "the system's limit for names of threads")
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        let argument = Unmanaged.passRetained(Body(name: name, run: run))
        var thread = pthread_t()
        let code = pthread_create(&thread, &attributes, { LoopThread.main($0) }, argument.toOpaque())
        guard code == 0 else {
            argument.release()
            throw SystemError(.thread, code: code)
        }
    }

    private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        var signals = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        linux_name_thread(body.name)
        body.run()
        return nil
    }
}
