import FailoverCore

@testable import FailoverSimulation

extension History {
    static let speed = SpeedConfiguration(dwell: .seconds(600))

    /// The same beginning with a lowest-latency route.
    init(speed: Void) {
        self.init()
        let first = steps[0].configuration
        add(at: 1, .reloaded) { step in
            step.configuration = Configuration(
                vantage: "here",
                endpoints: first.endpoints,
                routes: [RouteConfiguration(name: "chat", endpoints: Self.members, speed: Self.speed)],
                outputs: OutputConfiguration()
            )
            step.routes = [Self.fastest(active: "us", generation: 1)]
        }
    }

    /// Medians in milliseconds, in the order of the members.
    static func fastest(
        active: EndpointName,
        generation: UInt64,
        medians: [Int] = [200, 100, 300]
    ) -> RouteSnapshot {
        let paces = zip(members, medians).map { name, median in
            SpeedSnapshot.Pace(endpoint: name, median: .milliseconds(median), samples: 60)
        }
        return RouteSnapshot(
            name: "chat",
            active: active,
            mode: .preferred,
            generation: generation,
            since: .seconds(0),
            reason: Reason(.initial, "as a test says"),
            order: [active] + members.filter { $0 != active },
            provisional: false,
            dryRun: false,
            wouldBeActive: active,
            endpoints: members,
            policy: .lowestLatency(
                SpeedSnapshot(figure: .latency, configuration: speed, paces: paces, challenger: nil)
            )
        )
    }

    /// A move for speed as it should be: told, counted, durable.
    mutating func hurry(at seconds: Double, to endpoint: EndpointName, medians: [Int] = [200, 100, 300]) {
        move(at: seconds, to: endpoint, .failback, mode: .preferred) { step in
            let told = step.events[0]
            step.routes[0] = Self.fastest(active: endpoint, generation: step.generation, medians: medians)
            step.events = [
                Event(
                    kind: .failback,
                    at: told.at,
                    route: told.route,
                    from: told.from,
                    to: told.to,
                    reason: Reason(.faster, "as a test says"),
                    generation: told.generation
                )
            ]
        }
    }
}
