/// What a route's traffic costs, and what may be spent on probing it.
package struct RouteCost: Hashable, Sendable {
    package let workload: Workload
    /// A failover to an endpoint whose workload costs more than this many times that of the preferred one is told as dear.
    ///
    /// `nil` for no limit; it never keeps traffic from leaving.
    package let maximumRatio: Double?
    /// For probes of all endpoints of the route; `nil` for none.
    package let dailyCap: SpendCap?

    package init(
        workload: Workload = .conversation,
        maximumRatio: Double? = nil,
        dailyCap: SpendCap? = nil
    ) {
        self.workload = workload
        self.maximumRatio = maximumRatio
        self.dailyCap = dailyCap
    }
}
