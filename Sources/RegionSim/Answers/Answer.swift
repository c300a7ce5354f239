/// One request, read to its end.
struct RegionRequest: Hashable, Sendable {
    let method: String
    /// Path and query as sent.
    let target: String
    /// At most ``ConnectionLimits/maximumRequestBytes``.
    let body: [UInt8]
    /// The key that the client shows in one of the usual headers; `nil` for none.
    var key: String?

    var path: String { String(target.prefix { $0 != "?" }) }

    /// Whether it asks for a chat, well or not.
    var isChat: Bool { method == "POST" && path == Self.chatPath }

    static let chatPath = "/v1/chat/completions"
}

/// What a healthy region answers, and when each part of it leaves.
struct Answer: Hashable, Sendable {
    struct Part: Hashable, Sendable {
        /// Since the request was read.
        let at: Duration
        let text: String
    }

    let status: Int
    /// In the order in which they are sent; without the length, which belongs to the way the body is sent.
    var headers: [Header]
    /// In order of time; at least one, with which the head leaves.
    let parts: [Part]
    /// Whether the body is sent in chunks, for its length is not known at the start.
    let isStream: Bool

    /// One header of an answer.
    struct Header: Hashable, Sendable {
        let name: String
        let value: String
    }

    private init(json body: String, status: Int, at time: Duration, headers: [Header] = []) {
        self.status = status
        self.headers = [Header(name: "content-type", value: "application/json")] + headers
        parts = [Part(at: time, text: body)]
        isStream = false
    }

    private init(events: [(at: Duration, text: String)]) {
        status = 200
        headers = [
            Header(name: "content-type", value: "text/event-stream; charset=utf-8"),
            Header(name: "cache-control", value: "no-cache"),
        ]
        parts = events.map { Part(at: $0.at, text: $0.text) }
        isStream = true
    }

    /// Anything in one piece.
    static func page(
        _ text: String,
        type: String = "application/json",
        status: Int = 200,
        at time: Duration = .zero,
        headers: [Header] = []
    ) -> Answer {
        var answer = Answer(json: text, status: status, at: time)
        answer.headers = [Header(name: "content-type", value: type)] + headers
        return answer
    }

    /// An error leaves at once: it is known without any inference.
    static func error(_ error: APIError, headers: [Header] = []) -> Answer {
        Answer(json: error.body, status: error.status, at: .zero, headers: headers)
    }

    /// What the region answers without faults; whatever the path, it takes the region's latency.
    ///
    /// One of `keys` is demanded below `/v1/`; none means that everybody may ask. `created` counts seconds since 1970.
    static func healthy(
        _ request: RegionRequest,
        region: String,
        plan: RequestPlan,
        created: Int,
        keys: [String] = []
    ) -> Answer {
        if !keys.isEmpty, request.path.hasPrefix("/v1/"), let refusal = refusal(of: request.key, keys: keys) {
            return error(refusal)
        }
        let allowed: String
        switch (request.path, request.method) {
        case ("/", "GET"), ("/", "HEAD"), ("/health", "GET"), ("/health", "HEAD"):
            return Answer(json: JSONText.encode(Health(region: region)), status: 200, at: plan.latency)
        case ("/v1/models", "GET"), ("/v1/models", "HEAD"):
            return Answer(json: JSONText.encode(Models.simulated(created: created)), status: 200, at: plan.latency)
        case (RegionRequest.chatPath, "POST"):
            return chat(request, region: region, plan: plan, created: created)
        case (RegionRequest.chatPath, _):
            allowed = "POST"
        case (_, "GET") where request.path.hasPrefix(Models.path),
            (_, "HEAD") where request.path.hasPrefix(Models.path):
            return model(String(request.path.dropFirst(Models.path.count)), created: created, at: plan.latency)
        case ("/", _), ("/health", _), ("/v1/models", _):
            allowed = "GET, HEAD"
        default:
            return unknownPath(request)
        }
        let found = APIError(
            status: 405,
            message: "Not allowed to \(request.method) on \(request.path). Allowed: \(allowed).",
            type: "invalid_request_error",
            parameter: nil,
            code: "method_not_supported"
        )
        return error(found, headers: [Header(name: "allow", value: allowed)])
    }

    private static func chat(_ request: RegionRequest, region: String, plan: RequestPlan, created: Int) -> Answer {
        do {
            let chat = ChatAnswer(
                request: try ChatRequest.read(request.body),
                region: region,
                plan: plan,
                created: created
            )
            return chat.request.isStream
                ? Answer(events: chat.events) : Answer(json: chat.body, status: 200, at: plan.latency)
        } catch {
            return .error(error)
        }
    }

    private static func refusal(of key: String?, keys: [String]) -> APIError? {
        let (message, code): (String, String?)
        switch key {
        case .some(let key) where keys.contains(key): return nil
        case .some: (message, code) = ("Incorrect API key provided.", "invalid_api_key")
        case nil: (message, code) = ("You didn't provide an API key. Expected 'Authorization: Bearer KEY'.", nil)
        }
        return APIError(status: 401, message: message, type: "invalid_request_error", parameter: nil, code: code)
    }

    private static func model(_ name: String, created: Int, at time: Duration) -> Answer {
        if let model = Models.simulated(created: created).data.first(where: { $0.id == name }) {
            return Answer(json: JSONText.encode(model), status: 200, at: time)
        }
        return error(
            APIError(
                status: 404,
                message: "The model '\(name.prefix(80))' does not exist.",
                type: "invalid_request_error",
                parameter: "model",
                code: "model_not_found"
            )
        )
    }

    private static func unknownPath(_ request: RegionRequest) -> Answer {
        let paths = "/, /health, /v1/models, /v1/models/NAME, /v1/chat/completions"
        return error(
            APIError(
                status: 404,
                message: "Invalid URL (\(request.method) \(request.path)). Known paths: \(paths).",
                type: "invalid_request_error",
                parameter: nil,
                code: "unknown_url"
            )
        )
    }

    /// For a body over the limit.
    static let tooLarge = error(
        APIError(
            status: 413,
            message: "The request body is larger than \(ConnectionLimits.maximumRequestBytes) bytes.",
            type: "invalid_request_error",
            parameter: nil,
            code: "request_too_large"
        )
    )
}

private struct Health: Encodable {
    let status = "ok"
    let region: String
}

private struct Models: Encodable {
    let object = "list"
    let data: [Model]

    /// Below it, each model has a page of its own.
    static let path = "/v1/models/"

    struct Model: Encodable {
        let id: String
        let object = "model"
        let created: Int
        let ownedBy = "regionsim"
    }

    /// A chat may ask for any other model as well.
    static func simulated(created: Int) -> Models {
        Models(data: ["sim-small", "sim-large"].map { Model(id: $0, created: created) })
    }
}
