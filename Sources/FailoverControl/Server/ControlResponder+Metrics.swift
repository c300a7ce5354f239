import FailoverWire
import HTTPTypes
import HummingbirdCore
import NIOConcurrencyHelpers
import NIOCore

extension ControlResponder {
    /// The answer of `GET /metrics`, in the format that is asked for.
    ///
    /// Written a part at a time, as fast as it is taken.
    func metrics(_ request: Request) async -> Response {
        let detail: MetricsDetail
        switch self.detail(request) {
        case .success(let found): detail = found
        case .failure(let refusal): return .problem(refusal.problem)
        }
        let accept = request.headers[values: .accept].joined(separator: ",")
        let format = MetricsFormat(accept: accept.isEmpty ? nil : accept)
        let headers: HTTPFields = [.contentType: format.contentType, .cacheControl: "no-store", .vary: "Accept"]
        if request.method == .head { return Response(status: .ok, headers: headers) }
        guard let slot = metricsSlots.take() else {
            return .problem(
                ProblemDocument(
                    title: "Too many ask for metrics",
                    status: 503,
                    detail: "\(MetricsSlots.maximum) answers with metrics are being written; ask again later"
                )
            )
        }
        let state = await source.status()
        let more = await source.moreMetrics()
        let measures = await source.measures()
        let body = ResponseBody { writer in
            // Others may ask for metrics as soon as this answer is written, or given up.
            defer { slot.giveBack() }
            for part in MetricsText(state).parts(format) { try await writer.write(ByteBuffer(string: part)) }
            if let daemon = measures.daemon { try await writer.write(ByteBuffer(bytes: daemon.text(format))) }
            if !more.isEmpty { try await writer.write(ByteBuffer(string: format.adapted(more))) }
            if let probes = measures.probes {
                for part in ProbeMetrics(probes, detail, format) { try await writer.write(ByteBuffer(bytes: part)) }
            }
            if !format.end.isEmpty { try await writer.write(ByteBuffer(string: format.end)) }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private struct Refusal: Error {
        let problem: ProblemDocument
    }

    /// `?histograms=all|latency|none`.
    private func detail(_ request: Request) -> Result<MetricsDetail, Refusal> {
        var detail = MetricsDetail.all
        for (key, value) in request.uri.queryParameters {
            guard key == "histograms", let found = MetricsDetail(rawValue: String(value)) else {
                let problem = ProblemDocument(
                    title: "Bad query",
                    status: 400,
                    detail: "found \(key)=\(value) in the query",
                    allowed: MetricsDetail.allCases.map { "histograms=\($0.rawValue)" }
                )
                return .failure(Refusal(problem: problem))
            }
            detail = found
        }
        return .success(detail)
    }
}

/// Bounds how many answers with metrics are written at a time: with thousands of endpoints each takes megabytes.
final class MetricsSlots: Sendable {
    /// Two servers that scrape, and two people who look.
    static let maximum = 4

    private let taken = NIOLockedValueBox(0)

    /// `nil` when all are taken.
    func take() -> Slot? {
        taken.withLockedValue { taken in
            guard taken < Self.maximum else { return nil }
            taken += 1
            return Slot(slots: self)
        }
    }

    private func giveBack() { taken.withLockedValue { $0 -= 1 } }

    /// One answer; given back when it is over, also if nobody ever took it.
    final class Slot: Sendable {
        private let slots: MetricsSlots
        private let isTaken = NIOLockedValueBox(true)

        fileprivate init(slots: MetricsSlots) { self.slots = slots }

        deinit { giveBack() }

        func giveBack() {
            let wasTaken = isTaken.withLockedValue { isTaken in
                defer { isTaken = false }
                return isTaken
            }
            if wasTaken { slots.giveBack() }
        }
    }
}
