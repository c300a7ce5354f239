package import FailoverWire

/// The way from a key to an order: what, why, for how long, and a word that it is meant.
///
/// Nothing is sent before ``Step/confirming``, and there only for `y`.
package struct WatchDialog: Hashable, Sendable {
    package enum Step: Hashable, Sendable {
        /// Which of several is meant. Can become: `reason`.
        case choosing(index: Int)
        /// Can become: `length`, `confirming`.
        case reason
        /// Can become: `confirming`.
        case length
        /// Can become: `sending`.
        case confirming
        /// Can become: `answered`.
        case sending
        /// The daemon has accepted it.
        case accepted(ReceiptDocument)
        /// It was not done, and why.
        case refused(String)
    }

    package struct Choice: Hashable, Sendable {
        let label: String
        let order: WatchOrder
    }

    let title: String
    /// At least one.
    let choices: [Choice]
    private(set) var step: Step
    /// What has been chosen, or is about to be.
    private(set) var order: WatchOrder
    private(set) var reason = ""
    private(set) var lengthText = WatchOrder.usualLength
    /// Nobody has touched it yet: what is typed takes its place.
    private var isUsualLength = true
    /// What is wrong with what was typed.
    private(set) var complaint: String?

    /// As long as the daemon allows.
    static let longestReason = 200

    init?(title: String, choices: [Choice]) {
        guard let first = choices.first else { return nil }
        self.title = title
        self.choices = choices
        order = first.order
        step = choices.count == 1 ? .reason : .choosing(index: 0)
    }

    /// What a key led to.
    enum Outcome: Hashable {
        case stays
        case ends
        case send(ControlOrder)
    }

    mutating func take(_ key: WatchKey) -> Outcome {
        complaint = nil
        switch (step, key) {
        case (.sending, .escape): return .ends
        case (.sending, _): break
        case (.accepted, .enter), (.accepted, .escape), (.refused, .enter), (.refused, .escape): return .ends
        case (.accepted, .character("q")), (.refused, .character("q")): return .ends
        case (.accepted, _), (.refused, _): break
        case (_, .escape): return .ends
        case (.choosing(let index), _): choose(index, key)
        case (.reason, .enter): endReason()
        case (.reason, _): reason = Self.edited(reason, key, limit: Self.longestReason)
        case (.length, .enter):
            if WatchOrder.length(lengthText) != nil {
                step = .confirming
            } else {
                complaint = "it is \"\(lengthText)\"; allowed: \(WatchOrder.allowedLengths)"
            }
        case (.length, _):
            if isUsualLength, case .character = key { lengthText = "" }
            let edited = Self.edited(lengthText, key, limit: 8)
            isUsualLength = isUsualLength && edited == lengthText
            lengthText = edited
        case (.confirming, .character("y")), (.confirming, .character("Y")):
            step = .sending
            return .send(controlOrder)
        case (.confirming, .character("n")), (.confirming, .character("N")): return .ends
        case (.confirming, _): break
        }
        return .stays
    }

    /// The daemon has answered.
    mutating func answered(_ result: Result<ReceiptDocument, ControlClientError>) {
        guard step == .sending else { return }
        switch result {
        case .success(let receipt): step = .accepted(receipt)
        case .failure(.refused(let problem)) where problem.status == 403:
            step = .refused("you may read but not change: \(problem.detail)")
        case .failure(let error): step = .refused(error.description)
        }
    }

    /// Nothing has been sent yet.
    var isAsking: Bool {
        switch step {
        case .choosing, .reason, .length, .confirming: true
        case .sending, .accepted, .refused: false
        }
    }

    var controlOrder: ControlOrder {
        order.order(reason: trimmedReason, length: WatchOrder.length(lengthText) ?? .seconds(4 * 3600))
    }

    var trimmedReason: String {
        String(reason.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    private mutating func choose(_ index: Int, _ key: WatchKey) {
        switch key {
        case .up, .character("k"): step = .choosing(index: max(0, index - 1))
        case .down, .character("j"): step = .choosing(index: min(choices.count - 1, index + 1))
        case .home: step = .choosing(index: 0)
        case .end: step = .choosing(index: choices.count - 1)
        case .enter:
            order = choices[index].order
            step = .reason
        default: break
        }
    }

    private mutating func endReason() {
        if order.needsReason, trimmedReason.isEmpty {
            complaint = "there is no reason; it is shown to everybody, 1 to \(Self.longestReason) characters"
        } else {
            step = order.lasts ? .length : .confirming
        }
    }

    private static func edited(_ text: String, _ key: WatchKey, limit: Int) -> String {
        switch key {
        case .backspace: String(text.dropLast())
        case .clear: ""
        case .character(let character) where text.count < limit: text + String(character)
        default: text
        }
    }
}
