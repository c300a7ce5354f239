/// The workers that have told their tokens lately, and the sums of these by endpoint.
///
/// A sum changes with what is told and with what expires, so that reading it costs the same with any number of workers.
struct ReportWorkers: Sendable {
    /// Of one endpoint.
    struct Sum: Hashable, Sendable {
        var tokens: UInt64 = 0
        /// Those that have told it; at least 1 where there is a sum.
        var workers = 0
    }

    private struct Told: Sendable {
        let place: Int
        let count: UInt64
    }

    private struct Worker: Sendable {
        let name: String
        let told: [Told]
        let seenAt: MonotonicInstant
    }

    /// A worker that has said nothing for so long is taken for gone.
    private let silence: Duration
    /// In the order of their first report.
    private var living: [Worker] = []
    /// Where a worker stands among them.
    private var indices: [String: Int] = [:]
    /// Those that have a sum.
    private var endpoints: [EndpointName] = []
    /// Where the sum of an endpoint stands: workers may go by the thousand, and then looking up names would take long.
    private var places: [EndpointName: Int] = [:]
    private var sums: [Sum] = []
    /// No worker was heard before this; `nil` without workers.
    private var earliest: MonotonicInstant?

    init(silence: Duration) { self.silence = silence }

    /// Those that have not expired.
    var count: Int { living.count }

    func has(_ worker: String) -> Bool { indices[worker] != nil }

    /// `nil` if no worker has told of it.
    func sum(of endpoint: EndpointName) -> Sum? {
        places[endpoint].map { sums[$0] }.flatMap { $0.workers > 0 ? $0 : nil }
    }

    /// Takes the newest word of a worker in place of the one before.
    mutating func take(_ report: WorkerReport, at now: MonotonicInstant) {
        let told = report.tokens.map { Told(place: place(of: $0.endpoint), count: $0.count) }
        let worker = Worker(name: report.worker, told: told, seenAt: now)
        if let index = indices[report.worker] {
            forget(living[index])
            living[index] = worker
        } else {
            indices[report.worker] = living.count
            living.append(worker)
        }
        for word in told {
            sums[word.place].tokens &+= word.count
            sums[word.place].workers += 1
        }
        earliest = min(earliest ?? now, now)
    }

    /// Forgets those that were silent for too long.
    ///
    /// Looks through the workers only if one may have become so.
    mutating func expire(at now: MonotonicInstant) {
        guard let earliest, now - earliest >= silence else { return }
        let all = living
        living.removeAll { now - $0.seenAt >= silence }
        self.earliest = living.lazy.map(\.seenAt).min()
        guard living.count < all.count else { return }
        for worker in all where now - worker.seenAt >= silence { forget(worker) }
        indices = [:]
        for (index, worker) in living.enumerated() { indices[worker.name] = index }
    }

    /// Forgets what was told of all other endpoints.
    mutating func keep(only known: Set<EndpointName>) {
        guard !endpoints.allSatisfy(known.contains) else { return }
        var moved = [Int?](repeating: nil, count: sums.count)
        let before = (endpoints, sums)
        (endpoints, sums, places) = ([], [], [:])
        for (index, name) in before.0.enumerated() where known.contains(name) {
            let place = place(of: name)
            sums[place] = before.1[index]
            moved[index] = place
        }
        living = living.map { worker in
            let told = worker.told.compactMap { word in moved[word.place].map { Told(place: $0, count: word.count) } }
            return Worker(name: worker.name, told: told, seenAt: worker.seenAt)
        }
    }

    private mutating func forget(_ worker: Worker) {
        for word in worker.told {
            sums[word.place].tokens &-= word.count
            sums[word.place].workers -= 1
        }
    }

    private mutating func place(of endpoint: EndpointName) -> Int {
        if let place = places[endpoint] { return place }
        places[endpoint] = sums.count
        endpoints.append(endpoint)
        sums.append(Sum())
        return sums.count - 1
    }
}
