/// What was spent, for a restart that must not start the day anew.
package struct SpendMemory: Hashable, Sendable {
    /// One day's spending.
    package struct Day: Hashable, Sendable {
        /// Since 1970-01-01, UTC.
        package let day: Int
        /// Sorted by name.
        package let endpoints: [Line]
        /// Of endpoints whose names were forgotten, because too many had left the configuration.
        package let others: SpendTotal

        package init(day: Int, endpoints: [Line], others: SpendTotal = SpendTotal()) {
            self.day = day
            self.endpoints = endpoints
            self.others = others
        }
    }

    /// What the probing of one endpoint used.
    package struct Line: Hashable, Sendable {
        package let name: EndpointName
        /// Settled, and reserved for attempts under way: nobody will settle those after a restart.
        package let used: SpendTotal

        package init(name: EndpointName, used: SpendTotal) {
            self.name = name
            self.used = used
        }
    }

    /// The latest first; at most ``maximumDays``.
    package let days: [Day]

    package init(days: [Day]) { self.days = days }

    /// Today, and the neighbours that a clock which is set right may turn into today.
    package static let maximumDays = 3
}
