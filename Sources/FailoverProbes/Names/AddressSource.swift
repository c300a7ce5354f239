package import FailoverCore

/// Who turns names into addresses.
package protocol AddressSource: Sendable {
    /// The addresses of `host`, if they are known; otherwise asks for them, without blocking.
    func lookUp(
        _ host: String,
        at now: MonotonicInstant,
        completion: @escaping NameResolver.Completion
    )
        -> NameResolver.Answer
    /// Gives up the claim: the completion is not called, unless that is happening already.
    func forget(_ ticket: NameResolver.Ticket)
    func shutdown()
}

extension NameResolver: AddressSource {}
