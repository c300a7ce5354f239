import FailoverWire
import HummingbirdCore

/// The past of endpoints and routes.
extension ControlResponder {
    func series(_ question: Parameters) async -> Response {
        if let refusal = unknown(in: question, allowed: ["endpoint", "probe", "minutes", "hours"]) { return refusal }
        guard let endpoint = question["endpoint"] else {
            return badQuestion("endpoint is missing: ask with endpoint=NAME")
        }
        let step: HistoryStep
        let text: String
        switch (question["minutes"], question["hours"]) {
        case (let minutes?, nil): (step, text) = (.minute, minutes)
        case (nil, let hours?): (step, text) = (.hour, hours)
        case (nil, nil): return badQuestion("ask with minutes=N or hours=N")
        case (.some, .some): return badQuestion("both minutes and hours are given: ask for one of them")
        }
        guard let count = Int(text), step.allowed.contains(count) else {
            let name = step == .minute ? "minutes" : "hours"
            let range = "\(step.allowed.lowerBound) to \(step.allowed.upperBound)"
            return badQuestion("\(name) is \"\(text.prefix(100))\", but must be a whole number from \(range)")
        }
        return await history(.series(endpoint: endpoint, probe: question["probe"], step: step, count: count))
    }

    func budgets(_ question: Parameters) async -> Response {
        if let refusal = unknown(in: question, allowed: ["days"]) { return refusal }
        let allowed = [1, 7, 30]
        guard let days = question["days"].map({ Int($0) }) ?? 30, allowed.contains(days) else {
            let text = "days is \"\((question["days"] ?? "").prefix(100))\", but must be one of 1, 7 and 30"
            return badQuestion(text, allowed: allowed.map { "\($0)" })
        }
        return await history(.budgets(days: days))
    }

    func report(_ question: Parameters) async -> Response {
        if let refusal = unknown(in: question, allowed: ["days", "route"]) { return refusal }
        guard let days = question["days"].map({ Int($0) }) ?? 30, Self.reportDays.contains(days) else {
            let text = "days is \"\((question["days"] ?? "").prefix(100))\", but must be a whole number from 1 to 90"
            return badQuestion(text)
        }
        return await history(.report(days: days, route: question["route"]))
    }

    /// As long as hours are kept where nobody says otherwise.
    private static let reportDays = 1...90

    private func history(_ question: HistoryQuestion) async -> Response {
        switch await inTurn({ await source.history(question) }) ?? .failure(.busy) {
        case .success(.series(let document)): .json(document)
        case .success(.budgets(let document)): .json(document)
        case .success(.report(let document)): .json(document)
        case .failure(let refusal): .problem(ProblemDocument(refusal))
        }
    }

    private func unknown(in question: Parameters, allowed: [String]) -> Response? {
        question.names.first { !allowed.contains($0) }
            .map { badQuestion("nothing is asked for by \"\($0.prefix(100))\"", allowed: allowed) }
    }

    private func badQuestion(_ detail: String, allowed: [String]? = nil) -> Response {
        .problem(ProblemDocument(title: "Bad question", status: 400, detail: detail, allowed: allowed))
    }

    /// What stands behind the question mark; the first of equals counts.
    struct Parameters: Sendable {
        let names: [String]
        private let values: [String: String]

        init(_ request: Request) {
            let pairs = request.uri.queryParameters.map { (String($0.key), String($0.value)) }
            names = pairs.map(\.0)
            values = Dictionary(pairs) { first, _ in first }
        }

        subscript(name: String) -> String? { values[name] }
    }
}

extension ProblemDocument {
    /// The title of what is worth asking again soon.
    static let tooManyQuestions = "Too many questions"

    init(_ refusal: HistoryRefusal) {
        switch refusal {
        case .unavailable(let text): self.init(title: "No history", status: 503, detail: text)
        case .busy:
            self.init(title: Self.tooManyQuestions, status: 503, detail: "others ask about the past: try again")
        case .unknown(let kind, let name, let allowed):
            self.init(
                title: "No such \(kind)",
                status: 404,
                detail: "there is no \(kind) \(name.prefix(100))",
                allowed: allowed
            )
        }
    }
}
