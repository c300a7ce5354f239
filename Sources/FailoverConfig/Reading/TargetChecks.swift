import FailoverCore

/// Checks how long endpoints that are only asked by chats need to become targets, at the pace that their caps allow.
struct TargetChecks {
    private let configuration: Configuration
    private let findings: Findings
    private let plan: SpendPlan

    /// Good answers in a row that make an endpoint a target under the evidence rule.
    private static let answers = 5
    /// A route that has nowhere to go for longer than this is worth a warning, in seconds.
    private static let patience = 300.0
    /// What scheduled probes may use of a cap; the rest is kept for urgent ones.
    private static let share = 0.8

    init(configuration: Configuration, findings: Findings) {
        self.configuration = configuration
        self.findings = findings
        plan = SpendPlan(configuration)
    }

    /// The nodes of the endpoints are given by name.
    func run(endpoints nodes: [String: SettingNode]) {
        let weighed = configuration.routes.filter { if case .evidence = $0.decision.rule { true } else { false } }
        let members = Set(weighed.flatMap(\.endpoints))
        for endpoint in configuration.endpoints where members.contains(endpoint.name) {
            guard let node = nodes[endpoint.name.rawValue], let index = plan.index(of: endpoint.name),
                // Others prove it up at their own interval.
                endpoint.probes.allSatisfy({ $0.tier == .shallow || QuestionBound($0) != nil }),
                let gap = secondsBetweenAnswers(of: plan.endpoints[index]), gap * Double(Self.answers) > Self.patience
            else { continue }
            findings.warn(
                node,
                "takes \(AboutText.duration(gap * Double(Self.answers))) to become a target: no route moves to it "
                    + "before \(Self.answers) good answers in a row, and it is asked every \(AboutText.duration(gap))"
            )
        }
    }

    /// The seconds between questions of the quickest probe; `nil` if a cap has no room for any.
    private func secondsBetweenAnswers(of endpoint: SpendPlan.Endpoint) -> Double? {
        let accounts = endpoint.accounts.map { plan.accounts[$0] }
        let asked = endpoint.probes.filter { probe in accounts.allSatisfy { $0.cap.hasRoom(for: probe.worst, times: 1) }
        }
        return asked.map { probe in
            // The first questions need not wait where there is room for twice as many of each member.
            let isRoomy = accounts.allSatisfy {
                $0.cap.hasRoom(for: probe.worst, times: 2 * Self.answers * $0.members)
            }
            guard !isRoomy else { return probe.interval.inSeconds }
            return probe.interval.inSeconds * accounts.reduce(1) { max($0, stretch(of: endpoint, by: $1)) }
        }
        .min()
    }

    /// By how much intervals must grow for a cap, which its members share evenly, to last a whole day.
    private func stretch(of endpoint: SpendPlan.Endpoint, by account: SpendPlan.Account) -> Double {
        var cost = 0.0
        var tokens = 0.0
        for probe in endpoint.probes {
            let timesADay = 86_400 / probe.interval.inSeconds
            cost += probe.worst.cost.inUnits * timesADay
            tokens += Double(probe.worst.tokens) * timesADay
        }
        let needs = [
            account.cap.cost.map { cost / ($0.inUnits * Self.share) },
            account.cap.tokens.map { tokens / (Double($0) * Self.share) },
        ]
        return Double(account.members) * (needs.compactMap(\.self).max() ?? 0)
    }
}

extension SpendCap {
    fileprivate func hasRoom(for amount: SpendTotal, times count: Int) -> Bool {
        let isAffordable = cost.map { amount.cost * count <= $0 } ?? true
        return isAffordable && (tokens.map { amount.tokens <= $0 / count } ?? true)
    }
}
