/// The keys that only weighted routes have.
enum WeightKeys {
    static let weights = "weights"
    static let fallback = "fallback"
    static let canary = "canary"
    /// Whole percents: no more shares than that have one each.
    static let maximumShares = 100
    static let percent = WholeRule(1...100)

    static let known = [
        KnownKey(weights, .named(percent.known, maximum: maximumShares)),
        KnownKey(fallback, .named(.list(.name, maximum: KnownKeys.maximumEndpoints), maximum: maximumShares)),
        KnownKey(canary, .list(.name, maximum: maximumShares)),
    ]
}
