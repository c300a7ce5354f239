/// Who showed that our own network worked when the newest bad probe of an endpoint began.
package struct WitnessExplanation: Hashable, Sendable {
    package enum Standing: String, Hashable, Sendable, CaseIterable {
        /// The sources vouch: the bad probe counts.
        case vouched
        /// Nobody vouches yet: bad probes wait.
        case waiting
        /// Nobody vouches for it now.
        case missing
        /// There is nobody who could: bad probes count as they come.
        case unneeded
    }

    /// Another endpoint, or an anchor.
    package struct Source: Hashable, Sendable {
        /// The endpoint's name, or the anchor's address.
        package let name: String
        package let isAnchor: Bool
        /// Good probes in a row; at most `needed`.
        package let good: Int
        /// Good probes in a row that make a witness.
        package let needed: Int

        package init(name: String, isAnchor: Bool, good: Int, needed: Int = 5) {
            self.name = name
            self.isAnchor = isAnchor
            self.good = good
            self.needed = needed
        }
    }

    package let standing: Standing
    /// Those that vouch, or if none does those that might; anchors first, at most ``maximumSources``.
    package let sources: [Source]

    /// As many as fit in a line or two.
    package static let maximumSources = 4

    package init(_ standing: Standing, sources: [Source] = []) {
        self.standing = standing
        self.sources = sources
    }
}
