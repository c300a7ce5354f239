/// Where the next probe stands after those before it: the same chance of a bad one means something else after a bad one.
package enum Situation: Int, CaseIterable, Sendable, Hashable {
    /// Eight good ones in a row or more; also where there is no sample yet.
    case clear
    /// Four to seven good ones in a row.
    case good4
    /// Two or three.
    case good2
    /// One.
    case good1
    /// One good one that interrupts three bad ones in a row or more: if the next is bad, the row goes on.
    case lapse
    /// One bad one.
    case bad1
    /// Two bad ones in a row.
    case bad2
    /// Three or four.
    case bad3
    /// Five to eight.
    case bad5
    /// Nine to sixteen.
    case bad9
    /// Seventeen or more.
    case bad17

    /// A few good ones have come since the last bad one.
    ///
    /// A bad one here is one of an endpoint that is bad in part: beyond the lowest rate that is worth leaving for nothing
    /// excuses it, or minutes of that each day would hide an hour of it.
    var isGoodBetween: Bool { self == .good4 || self == .good2 }

    /// In documents: stable.
    package var name: String { "\(self)" }

    /// For people.
    package var text: String {
        switch self {
        case .clear: "with no bad one among the last eight"
        case .good4: "four to seven good ones after a bad one"
        case .good2: "two or three good ones after a bad one"
        case .good1: "one good one after a bad one"
        case .lapse: "one good one within a row of bad ones"
        case .bad1: "after one bad one"
        case .bad2: "after two bad ones in a row"
        case .bad3: "after three or four bad ones in a row"
        case .bad5: "after five to eight bad ones in a row"
        case .bad9: "after nine to sixteen bad ones in a row"
        case .bad17: "after seventeen bad ones in a row or more"
        }
    }

    /// After so many bad ones in a row, at least 1.
    init(badInARow: Int32) {
        switch badInARow {
        case ...1: self = .bad1
        case 2: self = .bad2
        case 3...4: self = .bad3
        case 5...8: self = .bad5
        case 9...16: self = .bad9
        default: self = .bad17
        }
    }
}

/// What leads from one situation to the next, in 16 bytes.
struct SituationCounts: Sendable, Equatable {
    /// Good ones in a row that make all clear again.
    static let calm: Int32 = 8
    /// Bad ones in a row that a single good one interrupts rather than ends.
    private static let interrupted: Int32 = 3

    private var bad: Int32 = 0
    private var good = calm
    /// The row of bad ones that the last good one interrupted; 0 if it did not.
    private var lapsed: Int32 = 0

    var situation: Situation {
        if good >= Self.calm { return .clear }
        if lapsed > 0 { return .lapse }
        if bad > 0 { return Situation(badInARow: bad) }
        return good >= 4 ? .good4 : good >= 2 ? .good2 : .good1
    }

    var isLastBad: Bool { bad > 0 }

    mutating func take(isBad: Bool) {
        let row = bad
        guard isBad else {
            bad = 0
            lapsed = row >= Self.interrupted ? row : 0
            good = min(Self.calm, good + 1)
            return
        }
        bad = min(row + lapsed, .max - 1) + 1
        lapsed = 0
        good = 0
    }
}

/// Something for each situation, without an array: each endpoint has some.
struct PerSituation<Value: Sendable>: Sendable {
    private var values: InlineArray<11, Value>

    init(repeating value: Value) { values = InlineArray(repeating: value) }

    subscript(situation: Situation) -> Value {
        get { values[situation.rawValue] }
        set { values[situation.rawValue] = newValue }
    }
}
