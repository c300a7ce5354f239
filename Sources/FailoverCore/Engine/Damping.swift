import RealModule

/// A wait that doubles with each thing that is not forgotten.
///
/// Source: route flap damping (RFC 2439, RFC 7196).
struct Damping: Sendable {
    /// In this time half is forgotten.
    let halfLife: Duration
    /// The longest wait, unless the first one is longer.
    let longest: Duration

    /// Beyond it the wait is at its longest for many half-lives, whatever the first one.
    private static let maximumCount = 64.0

    /// What is left of `count` things, some time after the last of them.
    func rest(of count: Double, after age: Duration) -> Double {
        count * Double.exp2(-max(0, age.inSeconds) / halfLife.inSeconds)
    }

    /// The same when another one happens just now.
    func count(with count: Double, after age: Duration) -> Double {
        min(rest(of: count, after: age) + 1, Self.maximumCount)
    }

    /// `first` for one thing, doubled for each further one.
    func wait(_ first: Duration, count: Double) -> Duration {
        let seconds = first.inSeconds * Double.exp2(min(max(0, count - 1), Self.maximumCount))
        return seconds >= longest.inSeconds ? max(first, longest) : .seconds(seconds)
    }
}
