import FailoverCore
import NIOCore
import NIOHPACK

/// What happened on an HTTP/2 connection, as far as the request under way is concerned.
enum HTTP2Event: Hashable, Sendable {
    /// The head of the answer; its fields in the order of arrival, names in lower case.
    case head(status: Int, fields: [HeaderField])
    /// A piece of the body as it arrived; never empty.
    case data(ByteBuffer)
    /// The answer is complete.
    case end
    /// There will be no answer, or no more of it.
    case failed(HTTP2Failure)
}

/// Why a request over HTTP/2 failed: the code, and one line for people.
struct HTTP2Failure: Error, Hashable, Sendable {
    let code: ReasonCode
    let detail: String
    /// The server said that it did not process the request: it was going away, not failing.
    let isUnprocessed: Bool

    init(_ code: ReasonCode, _ detail: String, isUnprocessed: Bool = false) {
        self.code = code
        self.detail = detail
        self.isUnprocessed = isUnprocessed
    }
}

/// What is asked over HTTP/2.
struct HTTP2Request: Sendable {
    let fields: HPACKHeaders
    let body: [UInt8]?

    /// Fields that belong to an HTTP/1 connection are left out, as RFC 9113, section 8.2.2, wants it; a `host` field
    /// gives way to `authority`.
    init(
        method: String,
        scheme: String,
        authority: String,
        path: String,
        headers: [HeaderField],
        body: String?
    ) {
        var fields = HPACKHeaders()
        fields.reserveCapacity(headers.count + 5)
        fields.add(name: ":method", value: method, indexing: .indexable)
        fields.add(name: ":scheme", value: scheme, indexing: .indexable)
        fields.add(name: ":authority", value: authority, indexing: .indexable)
        fields.add(name: ":path", value: path, indexing: .indexable)
        for header in headers {
            let name = header.name.lowercased()
            guard !Self.connectionFields.contains(name) else { continue }
            // Values may be secrets: they are not kept in tables.
            fields.add(name: name, value: header.value, indexing: .neverIndexed)
        }
        if let body, !fields.contains(name: "content-length") {
            fields.add(name: "content-length", value: String(body.utf8.count), indexing: .nonIndexable)
        }
        self.fields = fields
        self.body = body.map { Array($0.utf8) }
    }

    private init(fields: HPACKHeaders, body: [UInt8]?) {
        self.fields = fields
        self.body = body
    }

    /// The request of one attempt: with the fields and the body that are its own.
    func with(_ message: AttemptMessage) -> HTTP2Request {
        var fields = fields
        for field in message.fields {
            fields.add(name: field.name.lowercased(), value: field.value, indexing: .neverIndexed)
        }
        if let body = message.body {
            fields.add(name: "content-length", value: String(body.count), indexing: .nonIndexable)
        }
        return HTTP2Request(fields: fields, body: message.body)
    }

    /// The request that `http1` makes of the same probe: one place decides which fields are sent.
    init(_ probe: HTTPProbe, like http1: HTTP1Request) {
        let host = http1.fields.first { $0.name.lowercased() == "host" }
        self.init(
            method: probe.method,
            scheme: probe.tls == nil ? "http" : "https",
            authority: host?.value ?? probe.address.description,
            path: probe.target,
            headers: http1.fields,
            body: probe.body
        )
    }

    private static let connectionFields: Set<String> = [
        "connection", "host", "http2-settings", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade",
    ]
}
