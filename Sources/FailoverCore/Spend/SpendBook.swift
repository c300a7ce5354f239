/// What was spent in one day, endpoint by endpoint.
struct SpendBook: Hashable, Sendable {
    /// Of one endpoint, or of one account.
    struct Entry: Hashable, Sendable {
        var settled = SpendTotal()
        /// For attempts under way, at worst.
        var reserved = SpendTotal()

        var used: SpendTotal { settled + reserved }
    }

    /// Since 1970-01-01, UTC.
    let day: Int
    private var entries: [EndpointName: Entry] = [:]
    /// Of endpoints that are remembered no longer by name.
    private(set) var others = SpendTotal()

    /// Endpoints outside the configuration that are remembered by name; what the rest spent is added up.
    static let maximumDeparted = 1_000

    init(day: Int) { self.day = day }

    init(_ memory: SpendMemory.Day) {
        day = memory.day
        others = memory.others
        for line in memory.endpoints { entries[line.name, default: Entry()].settled += line.used }
    }

    var memory: SpendMemory.Day {
        SpendMemory.Day(
            day: day,
            endpoints: entries.sorted { $0.key < $1.key }.map { SpendMemory.Line(name: $0.key, used: $0.value.used) },
            others: others
        )
    }

    /// Of all endpoints, known and unknown.
    var total: Entry {
        entries.sorted { $0.key < $1.key }.reduce(into: Entry(settled: others)) { total, entry in
            total.settled += entry.value.settled
            total.reserved += entry.value.reserved
        }
    }

    func entry(of endpoint: EndpointName) -> Entry { entries[endpoint] ?? Entry() }

    mutating func reserve(_ amount: SpendTotal, for endpoint: EndpointName) {
        entries[endpoint, default: Entry()].reserved += amount
    }

    /// Takes a reservation back and counts what became of it; returns what was reserved indeed.
    mutating func settle(_ reservation: SpendReservation, at used: SpendTotal) -> SpendTotal {
        var entry = entry(of: reservation.key.endpoint)
        let reserved = reservation.total.atMost(entry.reserved)
        entry.reserved -= reserved
        entry.settled += used
        entries[reservation.key.endpoint] = entry
        return reserved
    }

    /// Forgets the names of endpoints that `isKnown` denies, if there are too many of them, but not what they spent.
    mutating func forgetDeparted(unless isKnown: (EndpointName) -> Bool) {
        let departed = entries.sorted { $0.key < $1.key }.filter { !isKnown($0.key) }
        for (name, entry) in departed.dropFirst(Self.maximumDeparted) {
            others += entry.used
            entries[name] = nil
        }
    }
}

extension SpendReservation {
    var total: SpendTotal { SpendTotal(cost: cost, tokens: tokens) }
}

/// The books of the days that matter: today's, and those of the neighbours while a clock is being set right.
struct SpendBooks: Hashable, Sendable {
    /// The one in use first, then the latest used; at least one, at most ``SpendMemory/maximumDays``.
    private var books: [SpendBook]

    /// Days before yesterday are over, whatever the clock does next.
    init(_ memory: SpendMemory?, today: Int) {
        let remembered = (memory?.days ?? []).filter { $0.day >= today - 1 }
        let nearest = remembered.sorted { (abs($0.day - today), $0.day) < (abs($1.day - today), $1.day) }
        var books: [SpendBook] = []
        for day in nearest where !books.contains(where: { $0.day == day.day }) { books.append(SpendBook(day)) }
        if books.first?.day != today { books.insert(SpendBook(day: today), at: 0) }
        self.books = Array(books.prefix(SpendMemory.maximumDays))
    }

    var memory: SpendMemory { SpendMemory(days: books.map(\.memory).sorted { $0.day > $1.day }) }

    var present: SpendBook { books[0] }

    /// Opens the book of `day`; whether it is another one than before.
    mutating func turn(to day: Int) -> Bool {
        guard books[0].day != day else { return false }
        let found = books.firstIndex { $0.day == day }.map { books.remove(at: $0) }
        books.insert(found ?? SpendBook(day: day), at: 0)
        if books.count > SpendMemory.maximumDays { books.removeLast() }
        return true
    }

    mutating func reserve(_ amount: SpendTotal, for endpoint: EndpointName) {
        books[0].reserve(amount, for: endpoint)
    }

    /// Settles in the book of the reservation's day; returns what today's book gives back, or `nil` for another day's.
    mutating func settle(_ reservation: SpendReservation, at used: SpendTotal) -> SpendTotal? {
        guard let index = books.firstIndex(where: { $0.day == reservation.day }) else { return nil }
        let reserved = books[index].settle(reservation, at: used)
        return index == 0 ? reserved : nil
    }

    mutating func forgetDeparted(unless isKnown: (EndpointName) -> Bool) {
        for index in books.indices { books[index].forgetDeparted(unless: isKnown) }
    }
}
