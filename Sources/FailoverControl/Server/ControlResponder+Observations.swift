import FailoverCore
import FailoverWire
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Reports of applications: who asks, and whether they may.
extension ControlResponder {
    /// Takes what an application reports.
    func observe(_ request: Request, limit: Int, channel: any Channel) async -> Response {
        guard let peer = try? await PeerCredentials.of(channel) else {
            let detail = "the kernel does not say who you are"
            return .problem(ProblemDocument(title: "Not permitted", status: 403, detail: detail))
        }
        guard access.mayReport(peer) else {
            let detail = access.refusalToReport(of: peer)
            return .problem(ProblemDocument(title: "Not permitted", status: 403, detail: detail))
        }
        let body: Data
        do {
            body = Data(try await request.body.collect(upTo: limit).readableBytesView)
        } catch {
            let detail = "a body of observations may have \(limit) bytes"
            return .problem(ProblemDocument(title: "Request body too large", status: 413, detail: detail))
        }
        switch await source.observe(body) {
        case .success(let receipt): return .json(receipt)
        case .failure(let refusal): return await answer(refusal)
        }
    }

    private func answer(_ refusal: ObservationRefusal) async -> Response {
        switch refusal {
        case .bad(let text, let allowed):
            return .problem(
                ProblemDocument(
                    title: "Bad observations",
                    status: 400,
                    detail: "\(text); nothing of the body counts",
                    allowed: allowed.isEmpty ? nil : allowed
                )
            )
        case .refused(.unknownEndpoint(let name, let index)):
            let place = index.map { "observations[\($0)]" } ?? "in_flight_tokens"
            var known: [String] = []
            await source.status().forEachEndpoint { name, _ in if known.count < Self.namesShown { known.append(name) } }
            return .problem(
                ProblemDocument(
                    title: "Bad observations",
                    status: 400,
                    detail: "\(place): there is no endpoint \"\(name)\"; nothing of the body counts",
                    allowed: known
                )
            )
        case .refused(.tooFast(let wait)):
            let seconds = max(1, Int(wait.inSeconds.rounded(.up)))
            return busy(429, "more requests are reported than can be counted", retryAfter: seconds)
        case .refused(.tooManyWorkers(let limit)):
            return busy(503, "\(limit) workers report already, which is the limit", retryAfter: 30)
        case .refused(.tooManyEndpoints(let limit)):
            return busy(503, "\(limit) endpoints are reported about, which is the limit", retryAfter: 60)
        case .unavailable: return busy(503, "nobody takes reports here", retryAfter: 60)
        }
    }

    /// As many names as help; a configuration may have thousands.
    private static let namesShown = 100

    private func busy(_ status: Int, _ text: String, retryAfter seconds: Int) -> Response {
        let detail = "\(text); nothing of the body counts, try again in \(seconds) s"
        var response = Response.problem(ProblemDocument(title: "Too much", status: status, detail: detail))
        response.headers[.retryAfter] = "\(seconds)"
        return response
    }
}

extension ControlAccess {
    /// Who changes things may also report.
    func mayReport(_ peer: PeerCredentials) -> Bool {
        mayChange(peer) || (observerGID.map(peer.isMember(of:)) ?? false)
    }

    /// What would be needed, in one sentence.
    func refusalToReport(of peer: PeerCredentials) -> String {
        let absent = observerGID == nil ? ", which does not exist on this machine" : ""
        return "reporting needs membership of the group \(observerGroup)\(absent), or the right to change things; "
            + "you are uid \(peer.uid)"
    }
}
