import FailoverWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Answers requests over TCP: the page, and what of the API only tells.
struct PageResponder: Sendable {
    let api: ControlResponder
    let access: PageAccess

    private static let loginPath = "/login"
    /// Many times what a form with a token takes, in bytes.
    private static let maximumForm = 4 * 1024
    /// Whoever guesses tokens waits this long for each answer.
    private static let guessDelay = Duration.milliseconds(500)

    func respond(to request: Request, on channel: any Channel) async -> Response {
        var response = await answer(request, on: channel)
        PageHeaders.add(to: &response)
        return response
    }

    private func answer(_ request: Request, on channel: any Channel) async -> Response {
        guard access.admits(host: request.head.authority) else {
            return .problem(
                ProblemDocument(
                    title: "Misdirected request",
                    status: 421,
                    detail: "nothing is served under the name of the Host header; "
                        + "ask for an address or localhost, or list the name in outputs.http.hosts"
                )
            )
        }
        if let token = access.token, request.uri.path == Self.loginPath, request.method == .post {
            return await login(request, token)
        }
        guard ["GET", "HEAD", "OPTIONS"].contains(request.method.rawValue) else {
            var response = Response.problem(
                ProblemDocument(
                    title: "Method not allowed",
                    status: 405,
                    detail: "nothing can be changed here, only read; changes go through the Unix socket (failoverctl)",
                    allowed: ["GET", "HEAD", "OPTIONS"]
                )
            )
            response.headers[.allow] = "GET, HEAD, OPTIONS"
            return response
        }
        if let token = access.token, !token.isShown(by: request) { return await refused(request) }
        return await api.respond(to: request, on: channel)
    }

    /// The form for people, a problem for programs.
    private func refused(_ request: Request) async -> Response {
        // What the form looks like is no secret.
        if ["/page.css", "/icon.svg"].contains(request.uri.path), let asset = PageAsset.at(request.uri.path) {
            return asset.answer(to: request)
        }
        if request.headers[.authorization] != nil { await delay() }
        let isPerson = request.uri.path == "/" && request.headers[.accept]?.contains("text/html") == true
        var response =
            isPerson
            ? PageAsset.login.content(.unauthorized)
            : .problem(
                ProblemDocument(
                    title: "Not permitted",
                    status: 401,
                    detail: "show the token as Authorization: Bearer TOKEN, or open / in a browser and log in"
                )
            )
        response.headers[.wwwAuthenticate] = #"Bearer realm="failoverd""#
        response.headers[.cacheControl] = "no-store"
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func login(_ request: Request, _ token: PageAccess.Token) async -> Response {
        // The connection's own guard has bounded it, more loosely.
        let form = try? await request.body.collect(upTo: Self.maximumForm)
        let shown = form.flatMap { Self.token(inForm: Array($0.readableBytesView)) }
        guard let shown, token.isSame(shown) else {
            await delay()
            var response = PageAsset.refusedLogin.content(.unauthorized)
            response.headers[.wwwAuthenticate] = #"Bearer realm="failoverd""#
            response.headers[.cacheControl] = "no-store"
            return response
        }
        return Response(
            status: .seeOther,
            headers: [.location: "./", .setCookie: token.setCookie, .cacheControl: "no-store"]
        )
    }

    private func delay() async {
        // Shorter only if the connection ends.
        try? await Task.sleep(for: Self.guessDelay)
    }

    /// The field `token` of a form that a browser sends; `nil` without one.
    private static func token(inForm form: [UInt8]) -> [UInt8]? {
        let name = Array("token=".utf8)
        guard let field = form.split(separator: UInt8(ascii: "&")).first(where: { $0.starts(with: name) }) else {
            return nil
        }
        var value: [UInt8] = []
        var rest = field.dropFirst(name.count)
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                value.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                continue
            }
            guard let escaped = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2
            else { return nil }
            value.append(escaped)
            rest = rest.dropFirst(2)
        }
        return value
    }
}
