import NIOCore

/// What the control port answers: a function of the request and the simulator.
struct ControlAPI: Sendable {
    let simulator: RegionSimulator

    /// Largest body that is read, in bytes: eight faults need a few kilobytes.
    static let maximumBodyBytes = 64 * 1024

    struct Response: Hashable, Sendable {
        let status: Int
        let contentType: String
        let body: String
    }

    private static let paths = [
        "GET /regions", "GET /regions/NAME", "GET /regions/NAME/counters", "PUT /regions/NAME/fault",
        "DELETE /regions/NAME/fault",
    ]

    /// Answers when the simulator has followed; on any event loop.
    func respond(_ request: RegionRequest, on eventLoop: any EventLoop) -> EventLoopFuture<Response> {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        guard parts.first == "regions", parts.count <= 3 else {
            return eventLoop.makeSucceededFuture(unknownPath(request))
        }
        do {
            switch (request.method, parts.count, parts.last) {
            case ("GET", 1, _):
                let regions = try simulator.names.map(view)
                return eventLoop.makeSucceededFuture(ok(Regions(regions: regions)))
            case ("GET", 2, _):
                return eventLoop.makeSucceededFuture(ok(try view(parts[1])))
            case ("GET", 3, "counters"):
                return eventLoop.makeSucceededFuture(ok(try simulator.counters(parts[1])))
            case ("PUT", 3, "fault"):
                let faults = try FaultReader.read(String(decoding: request.body, as: UTF8.self))
                return try change(parts[1], faults, on: eventLoop)
            case ("DELETE", 3, "fault"):
                return try change(parts[1], [], on: eventLoop)
            case (_, 1...2, _), (_, 3, "counters"), (_, 3, "fault"):
                return eventLoop.makeSucceededFuture(notAllowed(request))
            default:
                return eventLoop.makeSucceededFuture(unknownPath(request))
            }
        } catch {
            return eventLoop.makeSucceededFuture(Self.problem(error))
        }
    }

    private func change(
        _ region: String,
        _ faults: [Fault],
        on eventLoop: any EventLoop
    ) throws -> EventLoopFuture<Response> {
        try simulator.changeFaults(region, faults)
            .flatMapThrowing { ok(try view(region)) }
            .recover { Self.problem($0) }
            .hop(to: eventLoop)
    }

    // MARK: Documents

    private func ok(_ value: some Encodable) -> Response {
        Response(status: 200, contentType: "application/json", body: JSONText.encode(value) + "\n")
    }

    private func view(_ name: String) throws -> RegionView {
        RegionView(
            name: name,
            port: Nullable(try simulator.port(name)),
            listening: try simulator.isListening(name),
            faults: try simulator.faults(name)
        )
    }

    private func unknownPath(_ request: RegionRequest) -> Response {
        Self.problem(404, "Unknown path", "found \(request.method) \(request.path)", allowed: Self.paths)
    }

    private func notAllowed(_ request: RegionRequest) -> Response {
        Self.problem(405, "Method not allowed", "found \(request.method) \(request.path)", allowed: Self.paths)
    }

    /// For a body over the limit.
    static let tooLarge = problem(413, "Body too large", "expected at most \(maximumBodyBytes) bytes")

    private static func problem(_ error: any Error) -> Response {
        switch error {
        case let error as ScriptError:
            let errors = error.problems.map { "\($0.path.isEmpty ? "" : "\($0.path): ")\($0.message)" }
            return problem(400, "Not a fault", errors.joined(separator: "; "), allowed: Fault.Kind.names)
        case SimulatorError.unknownRegion(let name, let known):
            return problem(404, "Unknown region", "found '\(name)'", allowed: known)
        default:
            return problem(500, "The region could not follow", "\(error)")
        }
    }

    private static func problem(_ status: Int, _ title: String, _ detail: String, allowed: [String]? = nil) -> Response
    {
        let problem = Problem(title: title, status: status, detail: detail, allowed: allowed)
        return Response(
            status: status,
            contentType: "application/problem+json",
            body: JSONText.encode(problem) + "\n"
        )
    }
}

private struct Regions: Encodable {
    let regions: [RegionView]
}

private struct RegionView: Encodable {
    let name: String
    let port: Nullable<Int>
    let listening: Bool
    let faults: [Fault]
}

/// A problem document of RFC 9457, with the allowed values beside it.
private struct Problem: Encodable {
    let type = "about:blank"
    let title: String
    let status: Int
    let detail: String
    let allowed: [String]?
}
