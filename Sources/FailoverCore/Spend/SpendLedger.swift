/// Decides which probes may ask a model, and keeps the books.
///
/// What an attempt may cost at worst is reserved before, and what it did cost counts afterwards, so that settled and reserved
/// together never exceed a cap unless a server uses more than it was allowed. Time is an argument: the wall clock, because
/// a cap holds for a day in UTC. ``SpendPace`` says what becomes of probes when a cap is near.
package struct SpendLedger: Sendable {
    package private(set) var plan: SpendPlan
    private var books: SpendBooks
    /// Today's spending of each account of the plan.
    private(set) var accounts: [SpendBook.Entry] = []
    /// One for each endpoint of the plan.
    var standings: [SpendStanding]
    /// How often what is remembered has changed, to know when to save it.
    package private(set) var changes: UInt64 = 0

    package init(_ plan: SpendPlan, memory: SpendMemory? = nil, at now: UnixTime) {
        self.plan = plan
        books = SpendBooks(memory, today: now.day)
        standings = plan.endpoints.map(SpendStanding.init)
        openAccounts()
    }

    /// What a restart must know.
    package var memory: SpendMemory { books.memory }

    var today: Int { books.present.day }

    func spent(by endpoint: EndpointName) -> SpendBook.Entry { books.present.entry(of: endpoint) }

    // MARK: Inputs

    /// Whether a probe that is due may ask a model now.
    ///
    /// `isUrgent` for confirmations, and for probes of an endpoint under suspicion. What is granted as deep has to be settled,
    /// however the attempt ends.
    package mutating func request(_ key: ProbeKey, isUrgent: Bool, at now: UnixTime) -> SpendGrant {
        guard let place = plan.place(of: key) else { return .deep(nil) }
        turn(to: now)
        standings[place.endpoint].forgetFuture(at: now)
        judge(place.endpoint, at: now)
        let isUrgent = isUrgent || isFirst(place)
        prepare(place, isUrgent: isUrgent, at: now)
        switch answer(to: place, isUrgent: isUrgent, at: now) {
        case .deep:
            standings[place.endpoint].probes[place.probe].lastDeep = now
            standings[place.endpoint].probes[place.probe].lastAny = now
            standings[place.endpoint].probes[place.probe].asked += 1
            return .deep(reserve(place))
        case .shallow:
            standings[place.endpoint].probes[place.probe].lastAny = now
            return .shallow
        case .later(let wait): return .later(wait)
        }
    }

    /// Counts what became of a reservation, once for each.
    ///
    /// An answer that used more than was reserved counts in full, and the bill of a past day for that day.
    package mutating func settle(
        _ reservation: SpendReservation,
        _ bill: SpendBill,
        at now: UnixTime
    ) -> SpendReport {
        turn(to: now)
        let place = plan.place(of: reservation.key)
        let index = plan.index(of: reservation.key.endpoint)
        let price = index.flatMap { plan.endpoints[$0].price }
        let used = bill.total(of: reservation, price: price)
        if let reserved = books.settle(reservation, at: used) {
            for account in accountsCharged(by: index) {
                accounts[account].reserved -= reserved
                accounts[account].settled += used
            }
        }
        changes += 1
        guard let index else { return report(ofUnknown: reservation.key.endpoint) }
        standings[index].forgetFuture(at: now)
        if let place, bill != .nothing { standings[index].probes[place.probe].usual.learn(used) }
        judge(index, at: now)
        return report(of: index, news: place.flatMap { leak(in: bill, of: $0, at: now) })
    }

    /// Goes on with another configuration; what was spent stays.
    package mutating func replan(_ plan: SpendPlan, at now: UnixTime) {
        let former = self.plan
        let known = standings
        self.plan = plan
        standings = plan.endpoints.map { endpoint in
            var standing = SpendStanding(endpoint)
            guard let index = former.index(of: endpoint.name) else { return standing }
            for (position, probe) in endpoint.probes.enumerated() {
                guard let place = former.place(of: probe.key), former.endpoints[index].probes[place.probe] == probe
                else { continue }
                standing.probes[position] = known[index].probes[place.probe]
            }
            let old = known[index]
            (standing.pace, standing.told, standing.stretch) = (old.pace, old.told, old.stretch)
            (standing.leakTold, standing.reported) = (old.leakTold, old.reported)
            return standing
        }
        books.forgetDeparted { plan.index(of: $0) != nil }
        changes += 1
        if !turn(to: now) { openAccounts() }
    }

    /// What has changed without a settlement: another endpoint used up a shared cap, a day ended, or the plan is new.
    ///
    /// In configuration order, of those endpoints of the plan that `indices` names, or of all. The first call tells each, so
    /// that what an earlier process spent is shown.
    package mutating func takeReports(of indices: Range<Int>? = nil, at now: UnixTime) -> [SpendReport] {
        turn(to: now)
        return (indices ?? standings.indices).clamped(to: standings.indices).compactMap { index in
            standings[index].forgetFuture(at: now)
            judge(index, at: now)
            let standing = standings[index]
            guard standing.pace != standing.told || standing.reported != report(of: index) else { return nil }
            return report(of: index, news: nil)
        }
    }

    // MARK: Books

    @discardableResult
    private mutating func turn(to now: UnixTime) -> Bool {
        guard books.turn(to: now.day) else { return false }
        changes += 1
        openAccounts()
        return true
    }

    /// Adds up today's spending of each account.
    private mutating func openAccounts() {
        accounts = Array(repeating: SpendBook.Entry(), count: plan.accounts.count)
        let book = books.present
        for endpoint in plan.endpoints {
            let entry = book.entry(of: endpoint.name)
            for account in endpoint.accounts {
                accounts[account].settled += entry.settled
                accounts[account].reserved += entry.reserved
            }
        }
        // What endpoints spent before they left the configuration counts against the cap of all.
        if let all = plan.accountOfAll { accounts[all] = book.total }
    }

    private func accountsCharged(by index: Int?) -> [Int] {
        index.map { plan.endpoints[$0].accounts } ?? plan.accountOfAll.map { [$0] } ?? []
    }

    private mutating func reserve(_ place: (endpoint: Int, probe: Int)) -> SpendReservation {
        let endpoint = plan.endpoints[place.endpoint]
        let probe = endpoint.probes[place.probe]
        books.reserve(probe.worst, for: endpoint.name)
        for account in endpoint.accounts { accounts[account].reserved += probe.worst }
        changes += 1
        return SpendReservation(key: probe.key, day: today, cost: probe.worst.cost, tokens: probe.worst.tokens)
    }

    // MARK: Reports

    private func report(ofUnknown endpoint: EndpointName) -> SpendReport {
        let used = spent(by: endpoint).used
        return SpendReport(endpoint: endpoint, day: today, cost: used.cost, tokens: used.tokens, cap: nil, pace: .full)
    }

    private func report(of index: Int) -> SpendReport {
        let endpoint = plan.endpoints[index]
        let used = spent(by: endpoint.name).used
        return SpendReport(
            endpoint: endpoint.name,
            day: today,
            cost: used.cost,
            tokens: used.tokens,
            cap: endpoint.cap,
            pace: standings[index].pace
        )
    }

    /// With `news`, or else with a pace that nobody was told yet.
    private mutating func report(of index: Int, news: Reason?) -> SpendReport {
        let plain = report(of: index)
        standings[index].reported = plain
        var news = news
        if news == nil, standings[index].pace != standings[index].told {
            news = paceNews(of: index)
            standings[index].told = standings[index].pace
        }
        return SpendReport(
            endpoint: plain.endpoint,
            day: plain.day,
            cost: plain.cost,
            tokens: plain.tokens,
            cap: plain.cap,
            pace: plain.pace,
            news: news
        )
    }

    /// Says that an answer used far more than was allowed, at most once an hour.
    private mutating func leak(in bill: SpendBill, of place: (endpoint: Int, probe: Int), at now: UnixTime) -> Reason? {
        guard case .used(let usage) = bill else { return nil }
        let probe = plan.endpoints[place.endpoint].probes[place.probe]
        let answer = usage.billedCompletion
        guard answer > Self.leakFactor * probe.answerTokens else { return nil }
        if let last = standings[place.endpoint].leakTold, now - last < Self.leakQuiet { return nil }
        standings[place.endpoint].leakTold = now
        let hidden = usage.reasoning.map { ", \($0) of them reasoning that nobody sees" } ?? ""
        return Reason(
            .reasoningLeak,
            "an answer used \(answer) tokens where \(probe.answerTokens) were allowed\(hidden)"
        )
    }

    /// Source: section 5.6 of the specification of the probe; a server that merely counts in another way stays below it.
    private static let leakFactor = 4
    private static let leakQuiet = Duration.seconds(3600)
}

extension SpendPlan {
    /// The account of all probing; `nil` without one.
    fileprivate var accountOfAll: Int? { accounts.lastIndex { $0.owner == .everything } }
}

extension SpendBill {
    /// What it counts as.
    fileprivate func total(of reservation: SpendReservation, price: Price?) -> SpendTotal {
        switch self {
        case .nothing: SpendTotal()
        case .unknown: reservation.total
        case .used(let usage):
            SpendTotal(
                cost: price?.cost(input: usage.billedPrompt, output: usage.billedCompletion) ?? .zero,
                tokens: usage.billedPrompt + usage.billedCompletion
            )
        }
    }
}

extension TokenUsage {
    /// More in one answer is a mistake of the server; the limit keeps sums within their range.
    private static let most = 1_000_000_000

    fileprivate var billedPrompt: Int { min(max(0, prompt), Self.most) }

    /// With the reasoning where a server counts it apart: a part is never more than the whole.
    fileprivate var billedCompletion: Int {
        let visible = min(max(0, completion), Self.most)
        let hidden = min(max(0, reasoning ?? 0), Self.most)
        return hidden > visible ? visible + hidden : visible
    }
}
