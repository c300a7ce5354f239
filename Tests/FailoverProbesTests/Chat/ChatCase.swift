import FailoverCore
import Testing

@testable import FailoverProbes

/// An answer, and what it means.
struct ChatCase: CustomTestStringConvertible, Sendable {
    /// Which of the clocks have a reading.
    enum Clocks: Equatable, Sendable {
        case none
        /// First token and whole answer.
        case both
        /// The whole answer only: nobody saw a first token.
        case latency
        /// A first token only: the answer did not become whole.
        case ttft
    }

    let name: String
    var script: ChatScript
    let told: Told

    /// What is told, without wording and readings.
    struct Told: Equatable, Sendable {
        let outcome: Outcome
        let clocks: Clocks
        let anomalies: [ChatAnomaly]
        let bill: SpendBill

        init(_ outcome: Outcome, _ clocks: Clocks, _ anomalies: [ChatAnomaly], _ bill: SpendBill) {
            self.outcome = outcome
            self.clocks = clocks
            self.anomalies = anomalies
            self.bill = bill
        }

        init(_ conclusion: ChatConclusion) {
            outcome = conclusion.outcome
            anomalies = conclusion.report?.anomalies ?? []
            bill = conclusion.bill
            clocks =
                switch (conclusion.ttft, conclusion.latency) {
                case (nil, nil): .none
                case (nil, _?): .latency
                case (_?, nil): .ttft
                case (_?, _?): .both
                }
        }
    }

    var testDescription: String { name }

    /// A stream with status 200.
    init(
        _ name: String,
        _ body: String,
        end: ChatEnd = .ended,
        _ outcome: Outcome,
        _ clocks: Clocks,
        _ anomalies: [ChatAnomaly] = [],
        bill: SpendBill
    ) {
        self.name = name
        script = ChatScript(body: Array(body.utf8), end: end)
        told = Told(outcome, clocks, anomalies, bill)
    }

    /// Any other answer; `type` is that of its content.
    init(
        _ name: String,
        status: Int = 200,
        type: String?,
        fields: [ChatHead.Field] = [],
        _ body: String,
        _ outcome: Outcome,
        _ clocks: Clocks = .none,
        _ anomalies: [ChatAnomaly] = [],
        bill: SpendBill = .nothing
    ) {
        self.name = name
        script = ChatScript(
            status: status,
            fields: (type.map { [("content-type", $0)] } ?? []) + fields,
            body: Array(body.utf8)
        )
        told = Told(outcome, clocks, anomalies, bill)
    }
}

extension Outcome {
    static func failure(_ code: ReasonCode) -> Outcome { .failure(code, isTimeout: false) }
    static func timeout(_ code: ReasonCode) -> Outcome { .failure(code, isTimeout: true) }
}

extension SpendBill {
    static func used(_ prompt: Int, _ completion: Int) -> SpendBill {
        .used(TokenUsage(prompt: prompt, completion: completion))
    }
}
