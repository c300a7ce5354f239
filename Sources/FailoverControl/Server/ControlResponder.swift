import FailoverWire
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore

/// Answers the requests of the API from a `ControlSource`.
struct ControlResponder: Sendable {
    let source: any ControlSource
    let feed: StateFeed
    let access: ControlAccess
    let logger: Logger
    let metricsSlots = MetricsSlots()
    /// Largest body of observations.
    let observationBytes: Int
    /// What those who ask may take of what others need as well; `nil` without such a bound.
    var quota: PageQuota?

    func respond(to request: Request, on channel: any Channel) async -> Response {
        if let asset = PageAsset.at(request.uri.path) { return asset.answer(to: request) }
        guard let resource = ControlResource(path: request.uri.path) else {
            return .problem(
                ProblemDocument(
                    title: "No such path",
                    status: 404,
                    detail: "there is nothing at \(request.uri.path)",
                    allowed: ControlResource.paths
                )
            )
        }
        let method = request.method.rawValue
        guard resource.methods.contains(method) else {
            var response = Response.problem(
                ProblemDocument(
                    title: "Method not allowed",
                    status: 405,
                    detail: "\(request.uri.path) does not answer to \(method)",
                    allowed: resource.methods
                )
            )
            response.headers[.allow] = resource.methods.joined(separator: ", ")
            return response
        }
        if method == "OPTIONS" {
            return Response(status: .noContent, headers: [.allow: resource.methods.joined(separator: ", ")])
        }
        // Browsers say whose page asks for a change. Our own never does, and a socket may be forwarded to where they are.
        if method == "POST", request.headers[.origin] != nil {
            let detail = "a page in a browser may change nothing; use failoverctl"
            return .problem(ProblemDocument(title: "Not permitted", status: 403, detail: detail))
        }
        let response = await answer(resource, request: request, channel: channel)
        return method == "HEAD" ? response.createHeadResponse() : response
    }

    private func answer(_ resource: ControlResource, request: Request, channel: any Channel) async -> Response {
        switch resource {
        case .status: return .json(state: await source.status())
        case .route(let name):
            let state = await source.status()
            guard let document = RouteDocument(name: name, in: state) else { return noRoute(name, in: state) }
            return .json(document)
        case .active(let name):
            let state = await source.status()
            guard let route = state.route(name) else { return noRoute(name, in: state) }
            return .text(route.active + "\n")
        case .explain(let name):
            if let refusal = unknownKey(in: request.uri.queryParameters.map(\.key)) { return refusal }
            let generation = request.uri.queryParameters["generation"].map(String.init)
            let time = request.uri.queryParameters["at"].map(String.init)
            if generation != nil || time != nil { return await explainPast(name, generation: generation, at: time) }
            guard let document = await source.explain(route: name) else {
                return noRoute(name, in: await source.status())
            }
            return .json(document)
        case .events: return await events(for: request)
        case .series: return await series(Parameters(request))
        case .budgets: return await budgets(Parameters(request))
        case .report: return await report(Parameters(request))
        case .health:
            guard await source.isTurning() else {
                return .problem(
                    ProblemDocument(title: "Not turning", status: 503, detail: "the engine has not turned lately")
                )
            }
            return .text("ok\n")
        case .metrics: return await metrics(request)
        case .reload: return await reload(channel)
        case .observations: return await observe(request, limit: observationBytes, channel: channel)
        case .notificationTest(let name): return await testNotifications(name, channel: channel)
        case .order(let action): return await operate(action, request: request, channel: channel)
        }
    }

    func noRoute(_ name: String, in state: some PublishableState) -> Response {
        .problem(
            ProblemDocument(
                title: "No such route",
                status: 404,
                detail: "there is no route \(name)",
                allowed: state.routes.keys.sorted()
            )
        )
    }

    // MARK: Events

    private func events(for request: Request) async -> Response {
        let last = request.headers[Self.lastEventID]
        if request.method == .head {
            return Response(status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"])
        }
        if request.headers[.accept]?.contains("application/json") == true {
            return await pastEvents(after: last, limit: request.uri.queryParameters["limit"].map(String.init))
        }
        return await followed(request, after: last)
    }

    private func pastEvents(after id: String?, limit: String?) async -> Response {
        let allowed = 1...1000
        guard let count = limit.map({ Int($0) }) ?? allowed.upperBound, allowed.contains(count) else {
            return .problem(
                ProblemDocument(
                    title: "Bad limit",
                    status: 400,
                    detail: "limit is \(limit ?? ""), but must be a whole number from 1 to 1000"
                )
            )
        }
        let events = await source.pastEvents(after: id)
        return .json(EventListDocument(events: Array(events.suffix(count))))
    }

    // MARK: Changes

    private func reload(_ channel: any Channel) async -> Response {
        await changing(channel, "reload") { requester in
            switch await source.reload(by: requester) {
            case .success(let document): return .json(document)
            case .failure(let refusal):
                return .problem(
                    ProblemDocument(
                        title: "Configuration refused",
                        status: 422,
                        detail: "the configuration has errors; nothing was changed",
                        errors: refusal.errors
                    )
                )
            }
        }
    }

    private static let lastEventID: HTTPField.Name = {
        guard let name = HTTPField.Name("Last-Event-ID") else { preconditionFailure("a valid header name") }
        return name
    }()
}

extension Response {
    static func json(_ document: some Encodable) -> Response {
        json { ByteBuffer(bytes: try Wire.encode(document) + [UInt8(ascii: "\n")]) }
    }

    /// Compact, a state takes little more than half of what it takes in the file.
    fileprivate static func json(state: some PublishableState) -> Response {
        json {
            ByteBuffer(
                bytes: try Wire.bytes(of: state, .compact, capacity: state.expectedBytes / 2, isEnded: true)
            )
        }
    }

    private static func json(_ body: () throws -> ByteBuffer) -> Response {
        do {
            return Response(
                status: .ok,
                headers: [.contentType: "application/json", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: try body())
            )
        } catch {
            return problem(
                ProblemDocument(title: "Cannot be told", status: 500, detail: "the answer cannot be written: \(error)")
            )
        }
    }

    fileprivate static func text(_ text: String) -> Response { plain(text, as: "text/plain; charset=utf-8") }

    private static func plain(_ text: String, as contentType: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    static func problem(_ problem: ProblemDocument) -> Response {
        var body = ByteBuffer(bytes: (try? Wire.encode(problem)) ?? Data())
        body.writeString("\n")
        return Response(
            status: HTTPResponse.Status(code: problem.status),
            headers: [.contentType: "application/problem+json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: body)
        )
    }
}
