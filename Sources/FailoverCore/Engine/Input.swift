/// Everything that can happen to the engine.
package enum Input: Sendable {
    /// A probe began.
    case attemptStarted(AttemptStart)
    /// The attempt waits for our own machine, or no longer does: while it waits, time does not count against the endpoint.
    case attemptWaits(ProbeKey, AttemptID, onUs: Bool)
    /// The attempt has passed an objective of its probe, so that its end cannot be good for that indicator any more.
    ///
    /// Only for chats, whose times count from a moment that the engine does not see.
    case overdue(ProbeKey, AttemptID, IndicatorKind)
    /// What the probing of an endpoint has spent.
    case spent(SpendReport)
    /// A probe ended.
    case observed(Observation)
    /// Starts that the schedule planned and that did not happen, because earlier attempts were still under way or the
    /// probing stood still; `count` since the last time this was told.
    case skipped(ProbeKey, count: Int)
    /// The process stood still, or its clock jumped, from `since` until now: what was under way is no measurement.
    ///
    /// Comes before what was found in the queue afterwards.
    case stalled(since: MonotonicInstant)
    /// Time passed; sent at `Engine.nextDeadline`, after whatever else is waiting.
    ///
    /// Only this makes anything overdue: a result that came in time and waited for a busy loop is not late.
    case tick
    /// A new configuration was validated.
    case reconfigured(Configuration)
    /// The outcome of `Action.persist` with the same ticket.
    case persisted(ticket: UInt64, succeeded: Bool)
    /// An operator asks for something; answered with `Action.answer`.
    case command(OperatorCommand)
}

/// What the engine orders.
///
/// Actions of one input are carried out in order.
package enum Action: Sendable, Hashable {
    /// Make the memory durable, then answer with `Input.persisted`.
    case persist(Memory, ticket: UInt64)
    /// The snapshot changed in a way that readers should see at once; level-triggered.
    case publish
    /// Tell it once; edge-triggered.
    case emit(Event)
    /// Probe at this interval from now on.
    case setInterval(ProbeKey, Duration)
    /// One probe at once, beside the schedule.
    case probeNow(ProbeKey, source: ProbeSource)
    /// What became of the command with that ticket; each is answered once, when the disk has answered or had its time.
    case answer(UInt64, OperatorAnswer)
}
