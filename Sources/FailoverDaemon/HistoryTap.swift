import FailoverControl
import FailoverCore
import FailoverHistory
import FailoverProbes
import FailoverPublish
import FailoverThreads
import FailoverWire

/// Hands what happens to the history, and asks it; knows none where none is kept.
struct HistoryTap: ProbeListener {
    /// `nil` where none is kept.
    private let keeper: HistoryKeeper?
    private let whyOff: String

    /// Earlier transitions that a new database is given.
    private static let pastTransitions = 10_000

    /// Keeps none if the system gives no thread, and says so.
    init(
        _ configuration: Configuration,
        transitions: TransitionLog,
        recent: EventLog,
        teller: EventTeller,
        journal: JournalSink
    ) {
        guard configuration.history.isOn else {
            keeper = nil
            whyOff = "no history is kept: history.keep is off"
            return
        }
        let past = recent.past()
        do throws(ThreadError) {
            keeper = try HistoryKeeper(
                HistoryFile(stateDirectory: configuration.outputs.stateDirectory),
                settings: configuration.history,
                facts: Self.facts(configuration),
                surroundings: HistoryKeeper.Surroundings(
                    now: { SystemClock.reading },
                    past: { isNew in
                        // A log that cannot be read has been complained about.
                        isNew ? (try? transitions.last(Self.pastTransitions)) ?? past : past
                    },
                    tell: { route, reason in
                        teller.tell(
                            Event(
                                kind: .errorBudget,
                                at: SystemClock.now,
                                route: route,
                                reason: reason,
                                generation: teller.publish?.latest?.imprint.generation ?? 0
                            )
                        )
                    },
                    report: { isTrouble, text in journal.log(isTrouble ? .warning : .notice, text) }
                )
            )
            whyOff = ""
        } catch {
            keeper = nil
            whyOff = "no history is kept: \(error)"
            journal.log(.error, whyOff)
        }
    }

    func hear(_ events: [ProbeEvent], at now: MonotonicInstant) {
        keeper?.hear { tally in
            for event in events {
                if case .finished(let observation) = event { tally.hear(observation) }
            }
        }
    }

    func hear(_ snapshot: Snapshot, at clock: ClockReading) { keeper?.take(snapshot, at: clock) }

    func append(_ event: EventDocument) { keeper?.append(event) }

    /// After a reload.
    func update(_ configuration: Configuration) {
        keeper?.update(Self.facts(configuration), settings: configuration.history)
    }

    func answer(_ question: HistoryQuestion) async -> Result<HistoryAnswer, HistoryRefusal> {
        guard let keeper else { return .failure(.unavailable(whyOff)) }
        return await keeper.answer(question)
    }

    func close(within limit: Duration) async { _ = await keeper?.close(within: limit) }

    private static func facts(_ configuration: Configuration) -> HistoryFacts {
        HistoryFacts(configuration, today: CivilDate(daysSince1970: SystemClock.unixTime.day))
    }
}
