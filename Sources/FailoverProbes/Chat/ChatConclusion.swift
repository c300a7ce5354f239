package import FailoverCore

/// What of an answer's head matters to a chat.
package struct ChatHead: Sendable {
    /// One field, its name in lower case.
    package typealias Field = (name: String, value: String)

    package let status: Int
    /// Those of ``wantedFields`` that came, in any order.
    package let fields: [Field]

    package init(status: Int, fields: [Field] = []) {
        self.status = status
        self.fields = fields
    }

    /// The fields that are looked at, in lower case; everything else may be left out.
    package static let wantedFields =
        ["content-type", "content-encoding"] + RetryAfter.wantedFields + [
            "x-cache", "cf-cache-status", "x-litellm-cache-key", "x-portkey-cache-status", "age",
        ]

    /// The first value of a field; `nil` if it is absent.
    func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// How the body is encoded; `nil` if it is not.
    var encoding: String? {
        let text = (value("content-encoding") ?? "").trimmedASCII.lowercased()
        return text.isEmpty || text == "identity" ? nil : text
    }
}

/// How an answer came to its end.
package enum ChatEnd: Hashable, Sendable {
    /// All that was wanted had arrived.
    case complete
    /// The message, or the connection that carried it, ended properly.
    case ended
    /// The connection broke inside the answer; what was found, for people.
    case broken(String)
    /// The answer's own deadline passed.
    case timedOut
    /// The attempt as a whole took too long.
    case totalTimedOut
}

/// What a chat amounts to.
package struct ChatConclusion: Hashable, Sendable {
    package let outcome: Outcome
    /// One line for people, at most 200 characters; `nil` for a good answer.
    package let detail: String?
    /// From the request fully written to the first token, or the time waited for it in vain.
    ///
    /// `nil`, never zero, if no token came.
    package let ttft: Duration?
    /// From the request fully written to the end of the answer, or the time waited for a timeout; `nil` for anything else.
    package let latency: Duration?
    /// `nil` unless an answer began.
    package let report: ChatReport?
    /// How long a throttled probe was asked to wait; `nil` if it was not asked to.
    package let retryAfter: Duration?
    package let bill: SpendBill

    package init(
        outcome: Outcome,
        detail: String? = nil,
        ttft: Duration? = nil,
        latency: Duration? = nil,
        report: ChatReport? = nil,
        retryAfter: Duration? = nil,
        bill: SpendBill = .nothing
    ) {
        self.outcome = outcome
        self.detail = detail
        self.ttft = ttft
        self.latency = latency
        self.report = report
        self.retryAfter = retryAfter
        self.bill = bill
    }
}

/// An outcome, and why.
struct ChatFinding: Hashable, Sendable {
    let outcome: Outcome
    /// As the server said it: not to be shown before ``Redaction/line(_:limit:)`` has seen it.
    let detail: String?

    init(_ outcome: Outcome, _ detail: String? = nil) {
        self.outcome = outcome
        self.detail = detail
    }

    /// The endpoint failed, and quickly.
    static func failure(_ code: ReasonCode, _ detail: String) -> ChatFinding {
        ChatFinding(.failure(code, isTimeout: false), detail)
    }

    /// The endpoint was silent for too long.
    static func timeout(_ code: ReasonCode, _ detail: String) -> ChatFinding {
        ChatFinding(.failure(code, isTimeout: true), detail)
    }
}
