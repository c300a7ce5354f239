import FailoverWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// A file of the page, built into the program.
struct PageAsset: Sendable {
    let contentType: String
    let bytes: ByteBuffer
    /// Of the content, so that a new version is asked for once and an old one never shown.
    let tag: String

    private init(_ bytes: [UInt8], _ contentType: String) {
        self.contentType = contentType
        self.bytes = ByteBuffer(bytes: bytes)
        tag = "\"\(Self.digest(bytes))\""
    }

    private static let all: [String: PageAsset] = [
        "/": PageAsset(PackageResources.page_html, "text/html; charset=utf-8"),
        "/page.css": PageAsset(PackageResources.page_css, "text/css; charset=utf-8"),
        "/page.js": PageAsset(PackageResources.page_js, "text/javascript; charset=utf-8"),
        "/charts.js": PageAsset(PackageResources.charts_js, "text/javascript; charset=utf-8"),
        "/explain.js": PageAsset(PackageResources.explain_js, "text/javascript; charset=utf-8"),
        "/live.js": PageAsset(PackageResources.live_js, "text/javascript; charset=utf-8"),
        "/routes.js": PageAsset(PackageResources.routes_js, "text/javascript; charset=utf-8"),
        "/text.js": PageAsset(PackageResources.text_js, "text/javascript; charset=utf-8"),
        "/timeline.js": PageAsset(PackageResources.timeline_js, "text/javascript; charset=utf-8"),
        "/words.js": PageAsset(PackageResources.words_js, "text/javascript; charset=utf-8"),
        "/icon.svg": PageAsset(PackageResources.icon_svg, "image/svg+xml"),
    ]

    static let login = PageAsset(PackageResources.login_html, "text/html; charset=utf-8")
    /// The same for whoever has shown another token: what is hidden in the form is shown.
    static let refusedLogin = PageAsset(
        Array(
            String(decoding: PackageResources.login_html, as: UTF8.self)
                .replacing(#"role="alert" hidden"#, with: #"role="alert""#).utf8
        ),
        "text/html; charset=utf-8"
    )

    /// `nil` where the page has no file.
    static func at(_ path: String) -> PageAsset? { all[path] }

    /// What `GET`, `HEAD` and `OPTIONS` are answered; nothing else is possible with a file.
    func answer(to request: Request) -> Response {
        switch request.method.rawValue {
        case "GET", "HEAD": break
        case "OPTIONS": return Response(status: .noContent, headers: [.allow: Self.methods])
        case let method:
            var response = Response.problem(
                ProblemDocument(
                    title: "Method not allowed",
                    status: 405,
                    detail: "\(request.uri.path) does not answer to \(method)",
                    allowed: Self.methods.components
                )
            )
            response.headers[.allow] = Self.methods
            return response
        }
        var response = content()
        if request.headers[.ifNoneMatch] == tag {
            response = Response(status: .notModified, headers: response.headers)
        }
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// The file itself.
    ///
    /// It is asked for each time, which is one round of 304, so that an updated daemon has its own page.
    func content(_ status: HTTPResponse.Status = .ok) -> Response {
        let headers: HTTPFields = [.contentType: contentType, .cacheControl: "no-cache", .eTag: tag]
        var response = Response(status: status, headers: headers, body: ResponseBody(byteBuffer: bytes))
        PageHeaders.add(to: &response)
        return response
    }

    private static let methods = "GET, HEAD, OPTIONS"

    /// FNV-1a of 64 bits: tells versions apart, proves nothing.
    private static func digest(_ bytes: [UInt8]) -> String {
        String(bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
    }
}

/// What browsers are told to forbid.
enum PageHeaders {
    /// Nothing from elsewhere, nothing inline, no frame.
    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

    static func add(to response: inout Response) {
        for (name, value) in all { response.headers[name] = value }
    }

    private static let all: [(HTTPField.Name, String)] = [
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("X-Frame-Options", "DENY"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}

extension String {
    fileprivate var components: [String] { split(separator: ", ").map(String.init) }
}
