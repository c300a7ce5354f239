import RealModule

/// How bad something may be of which few probes are known.
enum JeffreysBound {
    /// The 97.5 % quantile of Beta(bad + 1/2, good + 1/2): the upper end of Jeffreys' 95 % interval.
    ///
    /// 1 where all were bad, and without a probe.
    static func upper(bad: Int, of count: Int) -> Double {
        guard count > 0, bad < count else { return 1 }
        let (a, b) = (Double(bad) + 0.5, Double(count - bad) + 0.5)
        var (low, high) = (0.0, 1.0)
        // Fifty halvings are exact to a double's last digits.
        for _ in 0..<50 {
            let middle = (low + high) / 2
            if regularizedBeta(middle, a, b) < 0.975 { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// The regularized incomplete beta function, by its continued fraction (Press et al., Numerical Recipes, 6.4).
    static func regularizedBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let front = Double.exp(
            Double.logGamma(a + b) - Double.logGamma(a) - Double.logGamma(b) + a * Double.log(x)
                + b * Double.log(onePlus: -x)
        )
        return x < (a + 1) / (a + b + 2)
            ? front * fraction(x, a, b) / a : 1 - front * fraction(1 - x, b, a) / b
    }

    /// Converges within about 2 * sqrt(max(a, b)) steps; counts are at most 60 here.
    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        func safe(_ value: Double) -> Double { value.magnitude < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / safe(1 - (a + b) * x / (a + 1))
        var result = d
        for step in 1...200 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / safe(1 + even * d)
            c = safe(1 + even / c)
            result *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / safe(1 + odd * d)
            c = safe(1 + odd / c)
            result *= d * c
            if (d * c - 1).magnitude < 1e-15 { break }
        }
        return result
    }
}
