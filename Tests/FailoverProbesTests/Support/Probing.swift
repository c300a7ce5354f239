import FailoverCore
import Foundation
import NIOConcurrencyHelpers
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
    await observe(.test(request, timeouts: timeouts))
}

/// Runs one attempt of a probe and returns everything about it.
func observe(_ probe: ProbeConfiguration) async -> Observation {
    do {
        let observation = try await ProbeService.probeOnce(probe, of: "endpoint", clocks: .test)
        checkConsistency(observation)
        return observation
    } catch {
        Issue.record(error)
        let now = monotonicNow()
        return Observation(
            key: ProbeKey(endpoint: "endpoint"),
            attempt: AttemptID(0),
            start: now,
            end: now,
            outcome: .inconclusive(.localMemory)
        )
    }
}

extension ProbeClocks {
    static let test = ProbeClocks(monotonic: monotonicNow, wallSeconds: { time(nil) })
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
        #expect(latency <= observation.end - observation.start, sourceLocation: sourceLocation)
    }
    // A good answer has nothing to say, unless it is a poor one.
    let isFlawless = observation.outcome == .success && observation.chat?.poorQuality == nil
    #expect(isFlawless == (observation.detail == nil), sourceLocation: sourceLocation)
    #expect(observation.ttft != .zero, sourceLocation: sourceLocation)
    let detail = observation.detail ?? ""
    #expect(detail.count <= 200 && !detail.contains(where: \.isNewline), sourceLocation: sourceLocation)
}

/// A source of addresses that says what the test wants.
struct StubAddresses: AddressSource {
    let answer: @Sendable (_ host: String, NameResolver.Completion) -> NameResolver.Answer

    init(_ answer: @escaping @Sendable (_ host: String, NameResolver.Completion) -> NameResolver.Answer) {
        self.answer = answer
    }

    init(_ addresses: [String]) {
        let resolved = ResolvedName(
            addresses: addresses.compactMap { IPAddress($0) },
            expires: monotonicNow() + .seconds(3600),
            isStale: false
        )
        self.init { _, _ in .known(resolved) }
    }

    func lookUp(
        _ host: String,
        at now: MonotonicInstant,
        completion: @escaping NameResolver.Completion
    )
        -> NameResolver.Answer
    { answer(host, completion) }
    func forget(_ ticket: NameResolver.Ticket) {}
    func shutdown() {}
}

/// Runs attempts on one loop with a source of addresses of the test's choice, all at once or one after the other.
func observe(
    _ probe: ProbeConfiguration,
    addresses: any AddressSource = StubAddresses(["127.0.0.1"]),
    attempts: Int = 1,
    together: Bool = true
) async throws -> [Observation] {
    let resources = ProbeResources(resolver: addresses)
    defer { resources.shutdown() }
    let mailbox = try LoopMailbox()
    let (stream, continuation) = AsyncStream.makeStream(of: Observation.self)
    let lastNumber = NIOLockedValueBox<UInt64>(0)
    try ProbeLoop.start(name: "test", mailbox: mailbox, clocks: .test) { loop in
        ProbeWorker(
            loop: loop,
            resources: resources,
            seed: 0,
            nextAttempt: {
                lastNumber.withLockedValue { number in
                    number += 1
                    return AttemptID(number)
                }
            },
            sink: { _ in }
        )
    }
    mailbox.post { loop in
        let prepared = PreparedProbe(probe)
        func start(_ left: Int) {
            loop.worker?.runOnce(prepared, ProbeKey(endpoint: "endpoint")) { observation in
                continuation.yield(observation)
                if !together, left > 1 { start(left - 1) }
            }
        }
        for number in 0..<(together ? attempts : 1) { start(attempts - number) }
    }
    defer { mailbox.post { $0.stop() } }
    var observations: [Observation] = []
    for await observation in stream {
        checkConsistency(observation)
        observations.append(observation)
        guard observations.count < attempts else { break }
    }
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
