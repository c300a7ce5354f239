package import FailoverCore

/// Makes before it breaks: what each HAProxy has been told of each route, and so what it may be told next.
///
/// HAProxy asks about each of its servers on a timer of its own. If it heard that the old endpoint drains before it has
/// asked about the new one, none of its servers would be left. So an endpoint drains only for those who have been told
/// since the route's last change that another one is ready; to others it stays as it is. Someone who never asks about the
/// new endpoint, because it is missing there, keeps the old one for good.
///
/// Between the two HAProxy would use both alike. So a new endpoint that is to carry everything is ready with many times its
/// weight until the others drain: traffic moves with the first answer that HAProxy gets about it.
package struct AgentBook: Sendable {
    /// Who asks: an address, and a name if it has one.
    package struct Asker: Hashable, Sendable {
        package let address: String
        package let name: String

        package init(address: String, name: String = "") {
            self.address = address
            self.name = name
        }
    }

    fileprivate struct Key: Hashable {
        let asker: Asker
        let route: String
    }

    /// What one asker knows of one route.
    private struct Page {
        var generation: UInt64
        /// When it first asked about this generation.
        var since: MonotonicInstant
        var usedAt: MonotonicInstant
        /// Endpoints that it has asked about, also before this generation; some may have left the route.
        var asked: Set<String> = []
        /// Endpoints of which it has heard in this generation that they are ready.
        var told: Set<String> = []
        /// Endpoints of which it has heard in this generation that they drain.
        var drained: Set<String> = []
    }

    /// An answer that was given, to be confirmed once it has arrived.
    package struct Ticket: Hashable, Sendable {
        package let answer: AgentAnswer
        fileprivate let key: Key
        fileprivate let endpoint: String
        fileprivate let generation: UInt64
    }

    /// Askers times routes: a thousand routes, each asked about by four HAProxys.
    ///
    /// Whoever is forgotten only has to wait until it has asked about the active endpoint again.
    package static let maximumPages = 4_096
    /// Endpoints that are remembered of each; larger routes drain as soon as one of the new endpoints is known.
    static let maximumNames = 1_024
    /// After a change of shares, an old endpoint waits for all new ones that the asker knows, but no longer than this: ten
    /// agent intervals as in the documentation, or twice the default of HAProxy and a little.
    static let patience = Duration.seconds(5)

    /// Of the weight of the endpoint that is to carry everything, while others are not drained.
    ///
    /// HAProxy's largest weight, 256, for a server with its default weight of 1.
    static let emphasis = 25_600

    private var pages: [Key: Page] = [:]

    package init() {}

    /// The answer to a question about an endpoint; `nil` if the decision knows no such route, or no such endpoint there.
    ///
    /// An endpoint that has left its route drains for those who have asked about it while it was there.
    package mutating func answer(
        _ question: AgentQuestion,
        from address: String,
        decision: AgentDecision,
        at now: MonotonicInstant
    ) -> Ticket? {
        guard let route = decision.routes[question.route] else { return nil }
        let key = Key(asker: Asker(address: address, name: question.asker), route: question.route)
        let percent = route.percents[question.endpoint]
        guard percent != nil || pages[key]?.asked.contains(question.endpoint) == true else { return nil }
        var page = turned(pages[key], to: route.generation, at: now)
        if page.asked.count < Self.maximumNames { page.asked.insert(question.endpoint) }
        page.usedAt = now
        if pages[key] == nil { makeRoom() }
        pages[key] = page
        let answer: AgentAnswer
        if let percent, percent > 0 {
            answer = .ready(percent: Self.isEmphatic(page, in: route, at: now) ? Self.emphasis : percent)
        } else {
            answer = Self.mayDrain(page, in: route, at: now) ? .drain : .unchanged
        }
        return Ticket(answer: answer, key: key, endpoint: question.endpoint, generation: route.generation)
    }

    /// Notes that an answer has arrived.
    package mutating func confirm(_ ticket: Ticket) {
        guard let page = pages[ticket.key], page.generation == ticket.generation else { return }
        switch ticket.answer {
        case .ready where page.told.count < Self.maximumNames: pages[ticket.key]?.told.insert(ticket.endpoint)
        case .drain where page.drained.count < Self.maximumNames: pages[ticket.key]?.drained.insert(ticket.endpoint)
        case .ready, .drain, .unchanged: break
        }
    }

    /// The page as it is for a generation: what was told in another one counts no more.
    private func turned(_ page: Page?, to generation: UInt64, at now: MonotonicInstant) -> Page {
        guard let page else { return Page(generation: generation, since: now, usedAt: now) }
        guard page.generation != generation else { return page }
        return Page(generation: generation, since: now, usedAt: now, asked: page.asked)
    }

    private static func mayDrain(_ page: Page, in route: AgentDecision.Route, at now: MonotonicInstant) -> Bool {
        let ready = page.told.filter { route.percents[$0, default: 0] > 0 }
        guard !ready.isEmpty else { return false }
        let awaited = page.asked.filter { route.percents[$0, default: 0] > 0 }
        return awaited.isSubset(of: ready) || now - page.since >= patience
    }

    /// Whether it is the only one to carry anything, and others may still do so for this asker.
    private static func isEmphatic(_ page: Page, in route: AgentDecision.Route, at now: MonotonicInstant) -> Bool {
        guard route.percents.values.count(where: { $0 > 0 }) == 1, now - page.since < patience else { return false }
        return page.asked.contains { route.percents[$0, default: 0] == 0 && !page.drained.contains($0) }
    }

    private mutating func makeRoom() {
        guard pages.count >= Self.maximumPages else { return }
        // The order among equals is not seen: whoever is forgotten asks again.
        guard let oldest = pages.min(by: { $0.value.usedAt < $1.value.usedAt })?.key else { return }
        pages[oldest] = nil
    }
}
