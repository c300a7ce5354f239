import Testing

@testable import FailoverCore

/// Several profiles on one endpoint: a rare one must not keep it out of use.
struct ProfileTests {
    private static let frequent: ProbeName = "frequent"
    private static let rare: ProbeName = "rare"

    private static func endpoint() -> EndpointState {
        let request = ProbeRequest.tcp(TCPProbe(address: HostPort(host: "127.0.0.1", port: 9)))
        let probes = [
            ProbeConfiguration(name: frequent, request: request, interval: .seconds(1), latencyObjective: .seconds(1)),
            ProbeConfiguration(name: rare, request: request, interval: .seconds(600), latencyObjective: .seconds(1)),
        ]
        return EndpointState(
            configuration: EndpointConfiguration(name: "a", region: "r", publicURL: "tcp://a:9", probes: probes),
            rule: .evidence(.balanced),
            availability: Ratio(0.999),
            holdDown: .zero,
            at: .seconds(0)
        )
    }

    /// Verdict and eligibility after results of both profiles, a second apart.
    private static func standing(frequent: [Bool], rare: [Bool]) -> (verdict: Verdict, isEligible: Bool) {
        var endpoint = endpoint()
        var now = MonotonicInstant.seconds(0)
        for (track, results) in [frequent, rare].enumerated() {
            for isGood in results {
                now = now + .seconds(1)
                let observation = Observation(
                    key: endpoint.tracks[track].key,
                    attempt: AttemptID(UInt64(now.nanoseconds)),
                    start: now,
                    end: now,
                    outcome: isGood ? .success : .failure(.connectRefused, isTimeout: false),
                    latency: isGood ? .milliseconds(1) : nil
                )
                var news: [EndpointNews] = []
                _ = endpoint.observe(observation, track: track, at: now, &news)
                _ = endpoint.judge(at: now)
            }
        }
        return (endpoint.verdict, endpoint.isEligible)
    }

    @Test func whatIsMissingNamesItsProfile() {
        var endpoint = Self.endpoint()
        _ = endpoint.judge(at: .seconds(1))
        #expect(endpoint.reason == Reason(.tooFewSamples, "frequent: 0 of 3 samples"))
    }

    @Test(
        arguments: [
            ([true, true], [], .unknown, false),
            ([true, true, true], [], .healthy, false),
            (Array(repeating: true, count: 5), [], .healthy, true),
            (Array(repeating: true, count: 5), [true], .healthy, true),
            (Array(repeating: true, count: 5), [false], .healthy, false),
            (Array(repeating: true, count: 5), [false, true, true, true, true], .healthy, false),
            (Array(repeating: true, count: 5), [false, true, true, true, true, true], .healthy, true),
        ] as [([Bool], [Bool], Verdict, Bool)]
    )
    func oneProfileSufficesIfTheOthersAreNotBad(frequent: [Bool], rare: [Bool], verdict: Verdict, isEligible: Bool) {
        let standing = Self.standing(frequent: frequent, rare: rare)
        #expect(standing.verdict == verdict)
        #expect(standing.isEligible == isEligible)
    }
}
