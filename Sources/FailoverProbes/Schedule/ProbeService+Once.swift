package import FailoverCore

extension ProbeService {
    /// Runs one attempt of one probe at once, without a schedule; for people who ask.
    ///
    /// A chat is asked whatever it costs, and counts against no cap.
    ///
    /// Cancelling the task ends the attempt as inconclusive.
    ///
    /// - Throws: When the system gives no thread or no descriptor.
    package static func probeOnce(
        _ probe: ProbeConfiguration,
        of endpoint: EndpointName,
        clocks: ProbeClocks,
        resolver options: NameResolverOptions = NameResolverOptions(),
        credentialsDirectory: String? = nil
    ) async throws(ProbeServiceError) -> Observation {
        let mailbox: LoopMailbox
        let resources: ProbeResources
        do {
            mailbox = try LoopMailbox()
            resources = ProbeResources(
                resolver: try NameResolver(options: options, clock: clocks.monotonic),
                credentialsDirectory: credentialsDirectory
            )
            resources.reload([probe])
            try ProbeLoop.start(name: "probe", mailbox: mailbox, clocks: clocks) { loop in
                ProbeWorker(
                    loop: loop,
                    resources: resources,
                    seed: 0,
                    nextAttempt: { AttemptID(0) },
                    sink: { _ in }
                )
            }
        } catch {
            throw ProbeServiceError(description: "the probe cannot begin: \(error)")
        }
        defer { resources.shutdown() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                mailbox.post { loop in
                    guard let worker = loop.worker else { return }
                    let key = ProbeKey(endpoint: endpoint, probe: probe.name)
                    worker.runOnce(PreparedProbe(probe), key) { observation in
                        loop.stop()
                        continuation.resume(returning: observation)
                    }
                }
            }
        } onCancel: {
            mailbox.post { $0.worker?.cancelOnce() }
        }
    }
}

/// Takes the result of an attempt that belongs to no schedule.
final class SingleAttempt: AttemptHost {
    private var attempt: ProbeAttempt?
    private let completion: (Observation) -> Void

    init(completion: @escaping (Observation) -> Void) { self.completion = completion }

    func run(_ start: AttemptStart, probe: PreparedProbe, worker: ProbeWorker) {
        var random = SystemRandomNumberGenerator()
        let chat = probe.turn(.deep(nil), using: &random)
        let attempt = ProbeAttempt(start, probe: probe, worker: worker, host: self, chat: chat)
        self.attempt = attempt
        attempt.begin()
    }

    func cancel() { attempt?.cancel() }

    func attempt(_ attempt: ProbeAttempt, waits onUs: Bool, at now: MonotonicInstant) {}

    func attempt(_ attempt: ProbeAttempt, isOverdue indicator: IndicatorKind, at now: MonotonicInstant) {}

    func attempt(_ attempt: ProbeAttempt, ended observation: Observation) {
        self.attempt = nil
        completion(observation)
    }
}
