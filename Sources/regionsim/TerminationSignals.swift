import Dispatch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// SIGINT and SIGTERM, caught from the moment this exists, so that none during the start is lost.
final class TerminationSignals: Sendable {
    /// Holds the first signal and drops the rest.
    private let signals: AsyncStream<CInt>
    /// Safe to share: nothing touches them between `init` and `deinit`, and Dispatch's own calls are thread-safe.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    init() {
        let (signals, continuation) = AsyncStream.makeStream(of: CInt.self, bufferingPolicy: .bufferingOldest(1))
        self.signals = signals
        // A reader of our output that goes away must not end the regions.
        signal(SIGPIPE, SIG_IGN)
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
    }

    /// Returns after the first signal, or when the task is cancelled.
    func first() async {
        for await _ in signals { return }
    }
}
