import RealModule

/// How many events a Poisson count may show and still be believed.
package enum PoissonBound {
    /// The smallest count that at most `1 - confidence` of all counts with this mean exceed.
    ///
    /// `confidence` is below 1.
    package static func upper(mean: Double, confidence: Double) -> Int {
        quantile(mean: mean, confidence)
    }

    /// The smallest count that at least `1 - confidence` of all counts with this mean do not exceed.
    package static func lower(mean: Double, confidence: Double) -> Int {
        quantile(mean: mean, 1 - confidence)
    }

    /// The 95 % interval of the mean behind a count, by the approximation of Wilson and Hilferty (1931).
    package static func interval(of events: Int) -> ClosedRange<Double> {
        let (count, z) = (Double(events), 1.959964)
        let root = events == 0 ? 0 : 1 - 1 / (9 * count) - z / (3 * count.squareRoot())
        let next = count + 1
        let high = 1 - 1 / (9 * next) + z / (3 * next.squareRoot())
        return max(0, count * root * root * root)...(next * high * high * high)
    }

    private static func quantile(mean: Double, _ share: Double) -> Int {
        guard mean > 0 else { return 0 }
        var logarithm = -mean
        var sum = 0.0
        var count = 0
        // Far beyond any quantile that is asked for.
        let last = Int(mean + 50 * mean.squareRoot() + 100)
        while count < last {
            sum += Double.exp(logarithm)
            if sum >= share { return count }
            count += 1
            logarithm += Double.log(mean / Double(count))
        }
        return last
    }
}
