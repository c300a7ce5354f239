import FailoverCore
import NIOConcurrencyHelpers

@testable import FailoverProbes

/// Grants what the test says, one grant after the other and the last one for ever, and keeps the bills.
final class GateStub: SpendGate {
    struct Request: Hashable {
        let key: ProbeKey
        let isUrgent: Bool
    }

    let requests = Collected<Request>()
    let bills = Collected<SpendBill>()
    private let grants: NIOLockedValueBox<[SpendGrant]>
    private let hasNews: Bool

    init(_ grants: [SpendGrant], hasNews: Bool = false) {
        self.grants = NIOLockedValueBox(grants)
        self.hasNews = hasNews
    }

    func request(_ key: ProbeKey, isUrgent: Bool) -> SpendGrant {
        requests.append(Request(key: key, isUrgent: isUrgent))
        return grants.withLockedValue { $0.count > 1 ? $0.removeFirst() : $0.first ?? .deep(nil) }
    }

    func settle(_ reservation: SpendReservation, _ bill: SpendBill) -> SpendReport {
        bills.append(bill)
        return SpendReport(
            endpoint: reservation.key.endpoint,
            day: reservation.day,
            cost: reservation.cost,
            tokens: bills.all.count,
            cap: nil,
            pace: .full,
            news: hasNews ? Reason(.spendSlower, "slower") : nil
        )
    }

    static let reserved = SpendGrant.deep(
        SpendReservation(key: ProbeKey(endpoint: "a"), day: 20_000, cost: Money(picos: 1), tokens: 41)
    )
}

/// A service and what it reports.
struct ChatRig {
    let service: ProbeService
    let events: AsyncStream<ProbeEvent>
    let reported = Collected<ProbeEvent>()

    init(_ gate: GateStub? = nil, clocks: ProbeClocks = .test) throws {
        let (events, continuation) = AsyncStream.makeStream(of: ProbeEvent.self)
        let reported = reported
        self.events = events
        service = try ProbeService(loops: 1, clocks: clocks, seed: 1, spendGate: gate) { events in
            for event in events {
                reported.append(event)
                continuation.yield(event)
            }
        }
    }

    /// Probes one endpoint, by order only unless `interval` says otherwise.
    func apply(
        _ request: ProbeRequest,
        name: EndpointName = "a",
        interval: Duration = .seconds(3600),
        timeouts: ProbeTimeouts = .generous,
        latency: Duration? = nil,
        ttft: Duration? = nil
    ) {
        let probe = ProbeConfiguration(
            request: request,
            interval: interval,
            timeouts: timeouts,
            latencyObjective: latency,
            ttftObjective: ttft
        )
        service.apply([EndpointConfiguration(name: name, region: "r", publicURL: "http://a", probes: [probe])])
    }

    /// Waits for so many attempts to end.
    func finished(_ count: Int = 1) async -> [Observation] {
        var observations: [Observation] = []
        for await event in events {
            if case .finished(let observation) = event { observations.append(observation) }
            if observations.count == count { break }
        }
        return observations
    }

    func probeNow(_ source: ProbeSource = .confirm) {
        service.probeNow(ProbeKey(endpoint: "a"), source: source)
    }

    /// Waits for what is told of spending.
    func spent() async -> SpendReport? {
        for await event in events {
            if case .spent(let report) = event { return report }
        }
        return nil
    }
}

/// A clock that a test sets forward.
final class JumpingClock: Sendable {
    private let ahead = NIOLockedValueBox(Duration.zero)

    var clocks: ProbeClocks {
        ProbeClocks(monotonic: { [ahead] in monotonicNow() + ahead.withLockedValue { $0 } }, wallSeconds: { 0 })
    }

    func jump(by time: Duration) { ahead.withLockedValue { $0 += time } }
}
