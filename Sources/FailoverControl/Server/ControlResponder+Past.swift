import FailoverCore
import FailoverWire
import HummingbirdCore

extension ControlResponder {
    /// Why a route stood as it did, at a generation or at a time.
    func explainPast(_ name: String, generation: String?, at time: String?) async -> Response {
        let asked: PastExplanation.Asked
        switch (generation, time) {
        case (let text?, nil):
            guard let generation = UInt64(text) else {
                return bad("generation is \"\(text.prefix(100))\", but must be a whole number")
            }
            asked = .init(generation: generation)
        case (nil, let text?):
            guard let time = WallTime(text) else {
                return bad(
                    "at is \"\(text.prefix(100))\", but must be a time in UTC such as 2026-11-22T12:04:31Z (RFC 3339)"
                )
            }
            asked = .init(at: time)
        default: return bad("both generation and at are given: ask for one of them")
        }
        let state = await source.status()
        guard let events = await inTurn({ await source.transitions(of: name) }) ?? nil else {
            return .problem(
                ProblemDocument(
                    title: ProblemDocument.tooManyQuestions,
                    status: 503,
                    detail: "others ask about the past: try again"
                )
            )
        }
        do throws(PastExplanation.Absence) {
            return .json(try PastExplanation(route: name, asked: asked, in: events, generation: state.head.generation))
        } catch {
            // A route that was removed is still explained while something is kept of it.
            if error == .nothing, state.route(name) == nil { return noRoute(name, in: state) }
            let detail = error.text(route: name, asked, now: state.route(name))
            return .problem(ProblemDocument(title: "Not kept", status: 404, detail: detail))
        }
    }

    private func bad(_ detail: String, allowed: [String]? = nil) -> Response {
        .problem(ProblemDocument(title: "Bad question", status: 400, detail: detail, allowed: allowed))
    }

    /// `nil` if the question has no key that an explanation does not know.
    func unknownKey(in query: some Sequence<Substring>) -> Response? {
        let allowed = ["at", "generation"]
        return query.first { !allowed.contains(String($0)) }
            .map { bad("an explanation is not asked for by \"\($0.prefix(100))\"", allowed: allowed) }
    }
}

extension PastExplanation.Absence {
    fileprivate func text(route: String, _ asked: PastExplanation.Asked, now: StateDocument.Route?) -> String {
        let what = asked.generation.map { "generation \($0)" } ?? asked.at.map { "\($0)" } ?? "that"
        return switch self {
        case .nothing: "no decision about \(route) is kept: as far as is known it has stayed \(Self.place(now))"
        case .later(let present, let kept):
            "not yet: the generation is \(present)" + (kept.map { "; \(Self.range($0))" } ?? "")
        case .before(let kept, let beginnings):
            "\(what) is before the first kept transition of \(route): \(Self.range(kept))" + Self.text(beginnings)
        }
    }

    private static func place(_ route: StateDocument.Route?) -> String {
        guard let route else { return "where it was" }
        return route.shares == nil ? "on \(route.active)" : "as it is: \(ShareText.weights(of: route))"
    }

    private static func text(_ beginnings: [PastExplanation.Standing]) -> String {
        let parts = beginnings.map { standing in
            "\(standing.share.map { "the share of \($0)" } ?? "it") was on \(standing.endpoint)"
        }
        return parts.isEmpty ? "" : "; before that " + parts.joined(separator: ", ")
    }

    private static func range(_ kept: PastExplanation.Kept) -> String {
        "kept are generations \(kept.firstGeneration) to \(kept.lastGeneration), since \(kept.since)"
    }
}
