import FailoverCore
import FailoverWire
import FoundationEssentials

/// Reads the body of an order, and says what is wrong with it.
struct OrderBody {
    /// What is wrong, and what is allowed.
    struct Fault: Error, Hashable {
        let text: String
        var allowed: [String] = []

        init(_ text: String, allowed: [String] = []) {
            self.text = text
            self.allowed = allowed
        }
    }

    private let fields: [String: ScalarDocument]

    /// The order that `action` and the body make; an empty body is an object without fields.
    static func order(_ action: ControlOrder.Action, _ body: Data) throws(Fault) -> ControlOrder {
        let allowed = ControlOrder(action: action, terms: OrderTerms()).fields
        let terms = try OrderBody(body).terms(allowed)
        if case .pin = action, terms.endpoint == nil {
            throw Fault("there is no \"endpoint\": a pin needs the endpoint that the route is to stay on")
        }
        return ControlOrder(action: action, terms: terms)
    }

    private init(_ body: Data) throws(Fault) {
        guard !body.isEmpty else {
            fields = [:]
            return
        }
        do { fields = try Wire.decode([String: ScalarDocument].self, from: body) } catch {
            throw Fault("the body is not one object of JSON whose fields are text, numbers, true or false")
        }
    }

    private func terms(_ allowed: [OrderTerms.Field]) throws(Fault) -> OrderTerms {
        let names = allowed.map(\.rawValue)
        if let stranger = fields.keys.filter({ !names.contains($0) }).min() {
            throw Fault("there is no field \"\(stranger.prefix(64))\" here", allowed: names)
        }
        let terms = OrderTerms(
            endpoint: try text(.endpoint),
            reason: try text(.reason),
            forSeconds: try seconds(),
            until: try time(.until),
            at: try time(.at),
            force: try flag()
        )
        if terms.forSeconds != nil, terms.until != nil {
            throw Fault("\"for_seconds\" and \"until\" exclude each other")
        }
        return terms
    }

    private func text(_ field: OrderTerms.Field) throws(Fault) -> String? {
        switch fields[field.rawValue] {
        case nil: return nil
        case .string(let text): return text
        case .null, .bool, .number: throw Fault("\"\(field.rawValue)\" is no text")
        }
    }

    private func seconds() throws(Fault) -> Double? {
        let field = OrderTerms.Field.forSeconds.rawValue
        switch fields[field] {
        case nil: return nil
        case .number(let seconds) where seconds > 0 && seconds <= Self.mostSeconds: return seconds
        case .number, .null, .bool, .string: throw Fault("\"\(field)\" is no number of seconds above zero")
        }
    }

    /// Far more than is allowed, which the engine says better than we can; far from where times overflow.
    private static let mostSeconds = 1e9

    private func time(_ field: OrderTerms.Field) throws(Fault) -> WallTime? {
        guard let text = try text(field) else { return nil }
        guard let time = WallTime(text) else {
            throw Fault(
                "\"\(field.rawValue)\" is \"\(text.prefix(64))\", but must be a time such as 2026-11-22T18:00:00Z"
            )
        }
        return time
    }

    private func flag() throws(Fault) -> Bool? {
        switch fields[OrderTerms.Field.force.rawValue] {
        case nil: return nil
        case .bool(let flag): return flag
        case .null, .number, .string: throw Fault("\"force\" is neither true nor false")
        }
    }
}

extension ProblemDocument {
    /// Why an order was refused, in the words of the API.
    init(_ refusal: OperatorRefusal) {
        let (title, status) =
            switch refusal.kind {
            case .unknownName: ("No such name", 404)
            case .notAllowed: ("Not allowed", 400)
            case .conflict: ("Conflict", 409)
            case .busy: ("Busy", 503)
            }
        self.init(
            title: title,
            status: status,
            detail: refusal.text,
            allowed: refusal.allowed.isEmpty ? nil : refusal.allowed,
            errors: refusal.objections.isEmpty ? nil : refusal.objections
        )
    }

    init(_ fault: OrderBody.Fault) {
        self.init(
            title: "Bad order",
            status: 400,
            detail: fault.text,
            allowed: fault.allowed.isEmpty ? nil : fault.allowed
        )
    }
}
