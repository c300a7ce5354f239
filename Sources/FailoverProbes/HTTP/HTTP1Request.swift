package import FailoverCore

/// One HTTP/1.1 request as it is sent, rendered once and sent for every attempt.
package struct HTTP1Request: Hashable, Sendable {
    /// Request line, header fields and body; without what is the attempt's own.
    ///
    /// May hold secrets: never print it.
    package let bytes: [UInt8]
    /// The header fields among them, in order; values may be secrets.
    package let fields: [HeaderField]
    /// What the parser of the answer needs to know.
    package let answer: HTTP1ResponseParser.Request

    /// - Parameters:
    ///   - probe: What to ask.
    ///   - keepsConnection: Whether another request may follow on the same connection.
    ///   - bodyFollows: Each attempt has a body of its own, see ``bytes(with:)``.
    /// - Throws: What HTTP does not allow; never a header's value, nor the target, which may hold a secret.
    package init(
        _ probe: HTTPProbe,
        keepsConnection: Bool,
        bodyFollows: Bool = false
    ) throws(HTTP1RequestError) {
        let length = bodyFollows ? nil : Self.contentLength(probe)
        try Self.check(probe, bodyFollows: bodyFollows)
        var fields = Self.defaultFields(probe, keepsConnection: keepsConnection, length: length)
        fields.removeAll { field in probe.headers.contains { $0.name.lowercased() == field.name.lowercased() } }
        fields += probe.headers
        self.fields = fields
        var text = "\(probe.method) \(probe.target) HTTP/1.1\r\n"
        for field in fields { text += "\(field.name): \(field.value)\r\n" }
        text += "\r\n"
        bytes = Array(text.utf8) + Array((probe.body ?? "").utf8)
        answer = probe.method == "HEAD" ? .head : .other
    }

    /// The request of one attempt: with the fields and the body that are its own.
    ///
    /// Holds secrets: never print it.
    func bytes(with message: AttemptMessage) -> [UInt8] {
        var head = bytes
        // The empty line comes after the last field.
        head.removeLast(2)
        for field in message.fields { head += Array("\(field.name): \(field.value)\r\n".utf8) }
        if let body = message.body { head += Array("Content-Length: \(body.count)\r\n".utf8) }
        return head + Array("\r\n".utf8) + (message.body ?? [])
    }

    /// In the order of most clients.
    private static func defaultFields(_ probe: HTTPProbe, keepsConnection: Bool, length: Int?) -> [HeaderField] {
        let defaultPort = probe.tls == nil ? 80 : 443
        let address = probe.address
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        var fields = [
            HeaderField(name: "Host", value: address.port == defaultPort ? host : address.description),
            HeaderField(name: "User-Agent", value: "failoverd (probe)"),
            HeaderField(name: "Accept", value: "*/*"),
            HeaderField(name: "Accept-Encoding", value: "identity"),
            HeaderField(name: "Connection", value: keepsConnection ? "keep-alive" : "close"),
        ]
        if let length { fields.append(HeaderField(name: "Content-Length", value: "\(length)")) }
        return fields
    }

    /// Some servers answer 411 to a request of these methods that does not say that it has no body.
    private static let methodsWithBody: Set<String> = ["POST", "PUT", "PATCH"]

    private static func contentLength(_ probe: HTTPProbe) -> Int? {
        if let body = probe.body { return body.utf8.count }
        return methodsWithBody.contains(probe.method) ? 0 : nil
    }

    private static func check(_ probe: HTTPProbe, bodyFollows: Bool) throws(HTTP1RequestError) {
        guard isToken(probe.method) else { throw .notAMethod(probe.method) }
        guard probe.method.uppercased() != "CONNECT" else { throw .connect }
        guard !probe.target.isEmpty else { throw .badTarget(position: nil) }
        if let position = probe.target.utf8.enumerated().first(where: { !(0x21...0x7e).contains($0.element) })?.offset {
            throw .badTarget(position: position)
        }
        for field in probe.headers {
            guard isToken(field.name) else { throw .badFieldName(field.name) }
            guard isFieldValue(field.value) else { throw .badFieldValue(name: field.name) }
            switch field.name.lowercased() {
            case "transfer-encoding": throw .framing(name: field.name)
            case "content-length" where bodyFollows || field.value != "\(contentLength(probe) ?? 0)":
                throw .framing(name: field.name)
            default: break
            }
        }
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(HTTP1LineScanner.isToken)
    }

    /// Whether a field may have this value: no control character but the tab.
    static func isFieldValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == HTTP1LineScanner.tab }
    }
}

/// Why a request cannot be sent, without any value that may be a secret.
package enum HTTP1RequestError: Error, Hashable, Sendable {
    /// Not a token of RFC 9110, section 5.6.2.
    case notAMethod(String)
    /// `CONNECT` asks for a tunnel, which is no request of a probe.
    case connect
    /// The offset in bytes of the first character that is not printable ASCII; `nil` if the target is empty.
    case badTarget(position: Int?)
    case badFieldName(String)
    case badFieldValue(name: String)
    /// The field contradicts the length that the request has.
    case framing(name: String)
}

extension HTTP1RequestError: CustomStringConvertible {
    /// One line for people: what was found, and what is allowed.
    package var description: String {
        switch self {
        case .notAMethod(let method):
            "not an HTTP method: \"\(printable(method, limit: 40))\"; a method is letters, such as GET"
        case .connect: "the method CONNECT opens a tunnel; a probe needs another method, such as GET"
        case .badTarget(nil): "the request target is empty; it begins with /"
        case .badTarget(let position?):
            "the request target has a space, a control character or a non-ASCII one at byte \(position + 1); "
                + "such characters are written with %"
        case .badFieldName(let name):
            "not a header's name: \"\(printable(name, limit: 40))\"; a name is letters, digits and hyphens"
        case .badFieldValue(let name): "header \(name) has a control character in its value; only a tab is allowed"
        case .framing(let name): "header \(name) contradicts the length of the body, which is added by itself"
        }
    }
}
