extension SpendLedger {
    /// Says how an endpoint's probing has changed, and which cap is the cause.
    func paceNews(of index: Int) -> Reason {
        let standing = standings[index]
        let isBetter = standing.pace.severity < standing.told.severity
        let code: ReasonCode =
            switch standing.pace {
            case _ where isBetter: .spendResumed
            case .full: .spendResumed
            case .slower: .spendSlower
            case .cheaper: .spendCheaper
            case .exhausted: .spendExhausted
            }
        let times = standing.stretch.formatted(decimals: standing.stretch < 10 ? 1 : 0)
        let change =
            switch standing.pace {
            case .full: "every probe asks the model again"
            case .slower: "probes are \(times) times as far apart as configured"
            case .cheaper: "about one probe in \(times) asks the model, the others only whether the server answers"
            case .exhausted: "no probe asks the model until midnight UTC, only whether the server answers"
            }
        guard let tightest = tightestAccount(of: index) else { return Reason(code, change) }
        return Reason(code, "\(change): \(words(for: tightest))")
    }

    /// The account of which the least is left, by share; `nil` without a cap.
    private func tightestAccount(of index: Int) -> Int? {
        plan.endpoints[index].accounts.max { shareUsed(of: $0) < shareUsed(of: $1) }
    }

    private func shareUsed(of account: Int) -> Double {
        let (cap, used) = (plan.accounts[account].cap, accounts[account].used)
        let cost = cap.cost.map { $0 > .zero ? used.cost.inUnits / $0.inUnits : 1 } ?? 0
        return max(cost, cap.tokens.map { $0 > 0 ? Double(used.tokens) / Double($0) : 1 } ?? 0)
    }

    /// `0.04 of 0.10 USD of its daily cap are spent`.
    private func words(for account: Int) -> String {
        let (cap, used) = (plan.accounts[account].cap, accounts[account].used)
        let owner =
            switch plan.accounts[account].owner {
            case .endpoint: "its daily cap"
            case .route(let name): "the daily cap of route \(name)"
            case .everything: "the daily cap of all probing"
            }
        let amounts = [
            cap.cost.map { "\(used.cost.forPeople) of \($0.exact(least: 2)) \(plan.currency)" },
            cap.tokens.map { "\(used.tokens) of \($0) tokens" },
        ]
        return "\(amounts.compactMap(\.self).joined(separator: " and ")) of \(owner) are used"
    }
}
