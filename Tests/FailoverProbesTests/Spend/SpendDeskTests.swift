import FailoverCore
import FailoverProbes
import NIOConcurrencyHelpers
import Testing

@Suite struct SpendDeskTests {
    private static let key = ProbeKey(endpoint: "us")
    private static let midnight = UnixTime(nanoseconds: 20_779 * UnixTime.nanosecondsPerDay)

    /// Endpoints with `cap` tokens a day each, 49 tokens a probe at worst.
    private static func plan(_ names: [EndpointName] = ["us"], tokens cap: Int) -> SpendPlan {
        let chat = ChatProbe(http: HTTPProbe(address: HostPort(host: "192.0.2.1", port: 443)), model: "m")
        let endpoints = names.map { name in
            EndpointConfiguration(
                name: name,
                region: "us",
                publicURL: "https://192.0.2.1",
                probes: [ProbeConfiguration(request: .chat(chat), latencyObjective: nil)],
                dailyCap: SpendCap(tokens: cap)
            )
        }
        return SpendPlan(
            Configuration(
                vantage: "here",
                endpoints: endpoints,
                routes: [RouteConfiguration(name: "chat", endpoints: names)],
                outputs: OutputConfiguration()
            )
        )
    }

    private static func used(_ memory: SpendMemory) -> [Int] { memory.days.flatMap(\.endpoints).map(\.used.tokens) }

    @Test func loopsOnManyThreadsNeverExceedACapTogether() async {
        let desk = SpendDesk(Self.plan(tokens: 4_900), memory: nil) { Self.midnight }
        let granted = NIOLockedValueBox(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<200 {
                        guard case .deep(let reservation?) = desk.request(Self.key, isUrgent: true) else { continue }
                        granted.withLockedValue { $0 += 1 }
                        _ = desk.settle(reservation, .unknown)
                    }
                }
            }
        }
        // Urgent probes take half of what is left within an hour.
        #expect((1...50).contains(granted.withLockedValue { $0 }))
        #expect(Self.used(desk.memory.memory) == [49 * granted.withLockedValue { $0 }])
    }

    @Test func reportsOfManyEndpointsComeInOrderAndOnce() {
        let names = (0..<300).map { EndpointName(rawValue: "e\(1_000 + $0)") }
        let desk = SpendDesk(Self.plan(names, tokens: 60), memory: nil) { Self.midnight }
        #expect(desk.takeReports().map(\.endpoint) == names)
        #expect(desk.takeReports() == [])
    }

    @Test func theClockIsReadForEachQuestion() {
        let now = NIOLockedValueBox(Self.midnight)
        let desk = SpendDesk(Self.plan(tokens: 60), memory: nil) { now.withLockedValue { $0 } }
        let first = SpendReservation(key: Self.key, day: 20_779, cost: .zero, tokens: 49)
        #expect(desk.request(Self.key, isUrgent: true) == .deep(first))
        #expect(desk.request(Self.key, isUrgent: true) == .shallow)
        now.withLockedValue { $0 = $0 + .seconds(86_400) }
        let second = SpendReservation(key: Self.key, day: 20_780, cost: .zero, tokens: 49)
        #expect(desk.request(Self.key, isUrgent: true) == .deep(second))
    }

    @Test func whatIsRememberedCountsAndChangesAreSeen() {
        let line = SpendMemory.Line(name: "us", used: SpendTotal(tokens: 40))
        let memory = SpendMemory(days: [SpendMemory.Day(day: 20_779, endpoints: [line])])
        let desk = SpendDesk(Self.plan(tokens: 60), memory: memory) { Self.midnight }
        #expect(desk.memory.memory == memory)
        #expect(desk.takeReports().map(\.tokens) == [40])
        let before = desk.changes
        #expect(desk.request(Self.key, isUrgent: true) == .shallow)
        #expect(desk.changes == before)
        desk.replan(Self.plan(tokens: 100))
        #expect(desk.changes == before + 1)
        #expect(desk.request(Self.key, isUrgent: true) != .shallow)
        #expect(desk.memory.changes == before + 2)
        #expect(Self.used(desk.memory.memory) == [89])
    }
}
