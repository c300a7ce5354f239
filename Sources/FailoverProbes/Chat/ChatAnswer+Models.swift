import FailoverCore

/// The cheaper questions: they may prove an endpoint down, never up.
extension ChatAnswer {
    /// What the list of models proves.
    func modelsFinding(_ end: ChatEnd) -> ChatFinding {
        switch end {
        case .broken(let detail): return .failure(.responseTruncated, "the list of models broke off: \(detail)")
        case .timedOut, .totalTimedOut: return .timeout(.bodyTimeout, "the list of models is not complete in time")
        case .complete, .ended: return Self.modelsFinding(document, model: probe.model)
        }
    }

    /// Whether `document` is a list of models with `model` in it.
    static func modelsFinding(_ document: [UInt8], model: String) -> ChatFinding {
        guard let value = JSONReader.value(of: document), case .array(let models)? = value["data"] else {
            return .failure(.protocolError, "the list of models is no JSON object with an array \"data\"")
        }
        let names = models.compactMap { $0["id"]?.text }
        // Some gateways list patterns, some put the provider in front, some send page by page.
        let isListed = names.contains { $0 == model || $0.hasSuffix("/\(model)") || $0.contains("*") }
        guard !model.isEmpty, !isListed, value["has_more"] != .scalar(.bool(true)) else { return ChatFinding(.success) }
        let some = names.prefix(3).map { "\"\($0)\"" }.joined(separator: ", ")
        let found = names.isEmpty ? "the list is empty" : "found \(some)\(names.count > 3 ? " …" : "")"
        return ChatFinding(.misconfigured(.model), "the server does not list the model \"\(model)\": \(found)")
    }
}
