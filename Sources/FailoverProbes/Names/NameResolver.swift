package import FailoverCore
import FailoverThreads

/// Names to addresses, by the system's hosts file and name servers, with a cache and on a thread of its own.
///
/// No call blocks. Look-ups of one name share one query.
package final class NameResolver: Sendable {
    package typealias Completion = @Sendable (Result<ResolvedName, LookupFailure>) -> Void

    /// What a look-up gives at once.
    package enum Answer: Hashable, Sendable {
        /// From the cache; the completion is not called.
        case known(ResolvedName)
        /// The name was asked for less than a second ago, in vain; the completion is not called.
        case failed(LookupFailure)
        /// The completion will be called.
        case pending(Ticket)
        /// Too many look-ups wait, or the resolver is shut down; the completion is not called.
        case refused
    }

    /// A claim on the result of a look-up.
    package struct Ticket: Hashable, Sendable {
        let host: String
        let number: UInt64
    }

    private let lookUps: NameLookUps

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - options: Those of the system, unless said otherwise.
    ///   - clock: The clock whose instants ``lookUp(_:at:completion:)`` is given.
    /// - Throws: When the system gives no thread, or an option makes no sense.
    package init(
        options: NameResolverOptions = NameResolverOptions(),
        clock: @escaping @Sendable () -> MonotonicInstant
    ) throws(NameResolverError) {
        // Opened once here for the sake of its errors; the thread opens its own.
        _ = try CaresChannel(options)
        let lookUps = try NameLookUps(cache: NameCache())
        self.lookUps = lookUps
        do {
            try DetachedThread.start(name: "names") {
                NameLoop(options: options, lookUps: lookUps, clock: clock).run()
            }
        } catch {
            throw NameResolverError(description: String(describing: error))
        }
    }

    deinit { lookUps.shutDown() }

    /// The addresses of `host`, if they are known; otherwise asks for them.
    ///
    /// An address instead of a name is its own answer.
    ///
    /// - Parameters:
    ///   - host: A name, taken as it is written: a name in two spellings is two names.
    ///   - now: This moment.
    ///   - completion: Called once, on the resolver's thread, if the answer is `.pending`; it must not block.
    /// - Returns: What is known at once; the completion is called only after `.pending`.
    package func lookUp(_ host: String, at now: MonotonicInstant, completion: @escaping Completion) -> Answer {
        lookUps.lookUp(host, at: now, completion: completion)
    }

    /// Gives up the claim: the completion is not called, unless that is happening already.
    package func forget(_ ticket: Ticket) { lookUps.forget(ticket) }

    /// Ends the thread; completions that are outstanding are not called, unless that is happening already.
    package func shutdown() { lookUps.shutDown() }
}
