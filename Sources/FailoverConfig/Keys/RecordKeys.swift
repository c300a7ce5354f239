import FailoverCore

/// How much is kept of what the engine was fed.
enum RecordKeys {
    static let record = "record"
    private static let standard = RecordConfiguration()

    static let keep = DefaultedSetting(name: "keep", rule: KeepRule(), fallback: standard.keep)
    static let maximumSize = DefaultedSetting(
        name: "max_size",
        rule: SizeRule(1_048_576...16 * 1_073_741_824),
        fallback: standard.maximumBytes
    )

    static let table = KeyTable([keep.known, maximumSize.known])
}

/// How long something is kept; `off` or 0 for not at all.
struct KeepRule: ScalarRule {
    private static let off = "off"
    var lengths = DurationRule(.seconds(60)...(.seconds(30 * 86_400)))
    var known: KnownValue { .either([lengths.known, .choice([Self.off]), .whole(0...0)]) }

    func read(_ scalar: ScalarText) throws(Refusal) -> Duration {
        if scalar.text == Self.off || scalar.text == "0" || DurationText.parse(scalar.text) == .zero { return .zero }
        do {
            return try lengths.read(scalar)
        } catch {
            throw Refusal(allowed: "\(error.allowed), or \(Self.off)", hint: error.hint)
        }
    }

    func write(_ value: Duration) -> String { value > .zero ? DurationText.format(value) : "0" }
}

/// A size in bytes with a unit.
struct SizeRule: ScalarRule {
    let range: ClosedRange<Int>

    init(_ range: ClosedRange<Int>) { self.range = range }

    private var rangeText: String {
        "from \(SizeText.format(range.lowerBound)) to \(SizeText.format(range.upperBound))"
    }
    var known: KnownValue { .size(range: rangeText) }

    func read(_ scalar: ScalarText) throws(Refusal) -> Int {
        let allowed = "a size \(rangeText)"
        guard let value = SizeText.parse(scalar.text) else {
            let isNumber = Double(scalar.text) != nil
            throw Refusal(allowed: allowed, hint: isNumber ? "add a unit: \(scalar.text)MiB" : "write it like 64MiB")
        }
        guard range.contains(value) else { throw Refusal(allowed: allowed) }
        return value
    }

    func write(_ value: Int) -> String { SizeText.format(value) }
}
