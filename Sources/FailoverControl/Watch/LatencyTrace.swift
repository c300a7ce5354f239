package import FailoverWire

/// How slow something was, slot of time by slot of time, for a sparkline.
package struct LatencyTrace: Hashable, Sendable {
    /// What of an answer is drawn.
    package enum Figure: Hashable, Sendable { case latency, ttft }

    package struct Slot: Hashable, Sendable {
        /// Steps since 1970.
        let number: Int
        /// The 99th percentile in milliseconds; `nil` where there is no figure.
        var worst: Double?
    }

    /// Seconds of a slot.
    package let step: Int
    /// Oldest first, with gaps; at most ``mostSlots``.
    private(set) var slots: [Slot] = []

    /// More than the widest screen has columns.
    static let mostSlots = 240

    package init(step: Int) { self.step = max(1, step) }

    /// What the history knows of it.
    package init(_ series: SeriesDocument, figure: Figure) {
        self.init(step: series.stepSeconds)
        for point in series.points {
            slots.append(Slot(number: number(of: point.at), worst: point.worst(figure)))
        }
        slots.sort { $0.number < $1.number }
        slots.removeFirst(max(0, slots.count - Self.mostSlots))
    }

    /// Takes a figure that is true now; the worst of a slot stays.
    package mutating func take(_ milliseconds: Double?, at time: WallTime) {
        guard let milliseconds else { return }
        let number = number(of: time)
        if let last = slots.indices.last, slots[last].number >= number {
            // After a clock was set back, too.
            slots[last].worst = max(slots[last].worst ?? 0, milliseconds)
            return
        }
        slots.append(Slot(number: number, worst: milliseconds))
        if slots.count > Self.mostSlots { slots.removeFirst(slots.count - Self.mostSlots) }
    }

    /// The same in slots of `step` seconds, the worst of which counts; `nil` if that is finer than what is known.
    func inSteps(of step: Int) -> LatencyTrace? {
        guard step >= self.step else { return nil }
        guard step > self.step else { return self }
        var coarse = LatencyTrace(step: step)
        for slot in slots {
            coarse.take(slot.worst, at: WallTime(secondsSince1970: Double(slot.number) * Double(self.step)))
        }
        return coarse
    }

    /// The last `count` slots up to now, oldest first; `nil` for each without a figure.
    func latest(_ count: Int, at now: WallTime) -> [Double?] {
        let last = number(of: now)
        var values: [Double?] = Array(repeating: nil, count: max(0, count))
        for slot in slots {
            let index = values.count - 1 - (last - slot.number)
            if values.indices.contains(index) { values[index] = slot.worst }
        }
        return values
    }

    private func number(of time: WallTime) -> Int {
        let seconds = time.secondsSince1970
        guard seconds.isFinite, abs(seconds) < 1e12 else { return 0 }
        return Int((seconds / Double(step)).rounded(.down))
    }
}

extension SeriesDocument.Point {
    fileprivate func worst(_ figure: LatencyTrace.Figure) -> Double? {
        figure == .latency ? p99Milliseconds : ttftP99Milliseconds
    }
}

extension ControlClient {
    /// What the history knows of an endpoint, minute by minute; refused where there is none.
    package func series(endpoint: String, minutes: Int) async throws(ControlClientError) -> SeriesDocument {
        let path = "/v1/history/series?endpoint=\(endpoint)&minutes=\(minutes)"
        return try decode(SeriesDocument.self, from: try await bytes(path))
    }
}
