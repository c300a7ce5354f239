import FailoverCore
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import FailoverProbes

/// All tests that probe: one after the other, because one of them takes the process's file descriptors away and another
/// one counts them.
@Suite(.serialized, .timeLimit(.minutes(5))) enum Probing {}

/// The system's monotonic clock.
@Sendable func monotonicNow() -> MonotonicInstant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
}

/// What tests compare of an observation: everything but times and texts.
struct Judgement: Hashable, CustomTestStringConvertible {
    enum Phase: String, Hashable, Comparable {
        case resolved, connected, secured, requestWritten, firstByte, lastByte
        static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
    }

    let outcome: Outcome
    let hasLatency: Bool
    let phases: Set<Phase>

    init(_ outcome: Outcome, hasLatency: Bool, phases: Set<Phase>) {
        self.outcome = outcome
        self.hasLatency = hasLatency
        self.phases = phases
    }

    init(_ observation: Observation) {
        outcome = observation.outcome
        hasLatency = observation.latency != nil
        let timings = observation.phases
        let ends: [(Phase, Duration?)] = [
            (.resolved, timings.resolved), (.connected, timings.connected), (.secured, timings.secured),
            (.requestWritten, timings.requestWritten), (.firstByte, timings.firstByte), (.lastByte, timings.lastByte),
        ]
        phases = Set(ends.filter { $0.1 != nil }.map(\.0))
    }

    var testDescription: String {
        "\(outcome), \(hasLatency ? "latency" : "no latency"), \(phases.sorted().map(\.rawValue))"
    }

    static func failed(_ code: ReasonCode, _ phases: Phase...) -> Judgement {
        Judgement(.failure(code, isTimeout: false), hasLatency: false, phases: Set(phases))
    }

    static func timedOut(_ code: ReasonCode, _ phases: Phase...) -> Judgement {
        Judgement(.failure(code, isTimeout: true), hasLatency: true, phases: Set(phases))
    }

    static func inconclusive(_ code: ReasonCode, _ phases: Phase...) -> Judgement {
        Judgement(.inconclusive(code), hasLatency: false, phases: Set(phases))
    }

    static func succeeded(_ phases: Phase...) -> Judgement {
        Judgement(.success, hasLatency: true, phases: Set(phases))
    }
}

extension ProbeConfiguration {
    /// A probe with limits that no healthy test comes near.
    static func test(
        _ request: ProbeRequest,
        timeouts: ProbeTimeouts = .generous,
        interval: Duration = .seconds(5)
    ) -> ProbeConfiguration {
        ProbeConfiguration(request: request, interval: interval, timeouts: timeouts, latencyObjective: nil)
    }
}

extension ProbeTimeouts {
    static let generous = ProbeTimeouts(
        resolve: .seconds(60),
        connect: .seconds(60),
        tls: .seconds(60),
        firstByte: .seconds(60),
        total: .seconds(100)
    )
}

/// Runs one attempt of a request and returns everything about it.
func observe(_ request: ProbeRequest, timeouts: ProbeTimeouts = .generous) async -> Observation {
    let observation = await ProbeService.probeOnce(
        .test(request, timeouts: timeouts),
        of: "endpoint",
        group: MultiThreadedEventLoopGroup.singleton,
        clock: monotonicNow
    )
    checkConsistency(observation)
    return observation
}

func judge(_ request: ProbeRequest, timeouts: ProbeTimeouts = .generous) async -> Judgement {
    Judgement(await observe(request, timeouts: timeouts))
}

/// What holds for every observation.
func checkConsistency(_ observation: Observation, sourceLocation: SourceLocation = #_sourceLocation) {
    let phases = observation.phases
    let ends = [
        phases.resolved, phases.connected, phases.secured, phases.requestWritten, phases.firstByte, phases.lastByte,
        observation.end - observation.start,
    ].compactMap { $0 }
    #expect(zip(ends, ends.dropFirst()).allSatisfy { $0 <= $1 }, "\(phases)", sourceLocation: sourceLocation)
    if let latency = observation.latency {
        #expect(latency == observation.end - observation.start, sourceLocation: sourceLocation)
    }
    #expect((observation.outcome == .success) == (observation.detail == nil), sourceLocation: sourceLocation)
    let detail = observation.detail ?? ""
    #expect(detail.count <= 200 && !detail.contains(where: \.isNewline), sourceLocation: sourceLocation)
}

/// Runs attempts on one event loop with a resolver of the test's choice.
func observe(
    _ probe: ProbeConfiguration,
    lookup: @escaping NameResolver.Lookup,
    attempts: Int = 1,
    threads: Int = 1,
    capacity: Int = 16
) async throws -> [Observation] {
    let resources = ProbeResources(resolver: NameResolver(threads: threads, capacity: capacity, lookup: lookup))
    defer { resources.shutdown() }
    let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    let runner = NIOLoopBoundBox.makeBoxSendingValue(
        ProbeRunner(eventLoop: eventLoop, clock: monotonicNow, resources: resources),
        eventLoop: eventLoop
    )
    let all = eventLoop.flatSubmit {
        let prepared = PreparedProbe(probe)
        let futures = (0..<attempts).map { number in
            let promise = eventLoop.makePromise(of: Observation.self)
            let key = ProbeKey(endpoint: "endpoint")
            let start = AttemptStart(key: key, attempt: AttemptID(UInt64(number)), start: monotonicNow())
            runner.value.run(start, probe: prepared) { promise.succeed($0) }
            return promise.futureResult
        }
        return EventLoopFuture.whenAllSucceed(futures, on: eventLoop)
    }
    let observations = try await all.get()
    for observation in observations { checkConsistency(observation) }
    return observations
}

func http(
    _ port: Int,
    _ target: String = "/",
    host: String = "127.0.0.1",
    tls: TLSSettings? = nil,
    method: String = "GET",
    headers: [HeaderField] = [],
    body: String? = nil,
    expect: HTTPExpectation = HTTPExpectation()
) -> ProbeRequest {
    .http(
        HTTPProbe(
            address: HostPort(host: host, port: port),
            tls: tls,
            target: target,
            method: method,
            headers: headers,
            body: body,
            expect: expect
        )
    )
}

func tcp(_ port: Int, host: String = "127.0.0.1") -> ProbeRequest {
    .tcp(TCPProbe(address: HostPort(host: host, port: port)))
}
