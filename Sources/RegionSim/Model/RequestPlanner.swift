/// Chance, made repeatable: what happens to the n-th request of a region is a function of the seed and n alone.
///
/// Each request draws from a generator of its own, so a request without faults does not shift the fate of the next one.
package struct RequestPlanner: Hashable, Sendable {
    private let stream: UInt64

    package init(seed: UInt64, region: String) {
        // FNV-1a keeps regions of one seed apart; Swift's own hashes differ from run to run.
        let name = region.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        stream = SeededGenerator.mix(seed &+ SeededGenerator.mix(name))
    }

    /// The fate of request number `index`, counted from 0 in the order in which requests were read to their end.
    ///
    /// Quirks of chats concern it only if it `isChat`.
    package func plan(
        _ index: UInt64,
        configuration: RegionConfiguration,
        faults: [Fault],
        isChat: Bool = true
    ) -> RequestPlan {
        var generator = SeededGenerator(seed: stream ^ SeededGenerator.mix(index))
        let identifier = generator.next()
        let deviates = (latency: generator.normalDeviate(), timeToFirstToken: generator.normalDeviate())
        var latency = configuration.latency.time(at: deviates.latency)
        var timeToFirstToken = configuration.timeToFirstToken.time(at: deviates.timeToFirstToken)
        var cause: Fault.Kind?
        var hits: [String] = []
        for fault in faults {
            // Drawn for every fault, so that the share of one does not depend on another.
            let isHit = generator.unitInterval() < fault.share
            guard isHit else { continue }
            switch fault.kind {
            case .slow(.factor(let factor)):
                latency = min(latency * factor, LatencyModel.maximum)
                timeToFirstToken = min(timeToFirstToken * factor, LatencyModel.maximum)
                hits.append(fault.kind.name)
            case .slow(.replaced(let slowLatency, let slowTimeToFirstToken)):
                latency = slowLatency?.time(at: deviates.latency) ?? latency
                timeToFirstToken = slowTimeToFirstToken?.time(at: deviates.timeToFirstToken) ?? timeToFirstToken
                hits.append(fault.kind.name)
            case .status, .blackhole, .stall, .truncate, .drip, .reset, .garbage, .endless, .empty, .chat:
                if case .chat = fault.kind, !isChat { continue }
                guard cause == nil else { continue }
                cause = fault.kind
                hits.append(fault.kind.name)
            case .refuse:
                // Belongs to the listener. A request that came in just before it closed is answered.
                continue
            }
        }
        return RequestPlan(
            index: index,
            identifier: identifier,
            latency: max(latency, timeToFirstToken),
            timeToFirstToken: timeToFirstToken,
            cause: cause,
            hits: hits
        )
    }
}

/// What will happen to one request.
package struct RequestPlan: Hashable, Sendable {
    /// The request's number in its region, from 0.
    package let index: UInt64
    /// Random bits for the answer's id.
    package let identifier: UInt64
    /// From the request read to the last byte of its answer.
    package let latency: Duration
    /// From the request read to the first token of a stream; at most `latency`.
    package let timeToFirstToken: Duration
    /// What spoils the answer, the first of the faults that hit; `nil` for a good answer.
    package let cause: Fault.Kind?
    /// The names of all faults that hit, in their order.
    package let hits: [String]

    /// The identifier as 16 hexadecimal digits.
    var identifierText: String {
        let digits = String(identifier, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The same plan with its times multiplied by `factor`.
    package func scaled(by factor: Double) -> RequestPlan {
        RequestPlan(
            index: index,
            identifier: identifier,
            latency: latency * factor,
            timeToFirstToken: timeToFirstToken * factor,
            cause: cause,
            hits: hits
        )
    }
}
