/// An address with the time for which it may be kept.
struct TimedAddress: Hashable, Sendable {
    let address: IPAddress
    /// As the name server said, in seconds; any number, since it comes from the network.
    let timeToLive: Int
}

/// What was said about the addresses of one family of a name.
enum FamilyAnswer: Hashable, Sendable {
    /// Never empty.
    case addresses([TimedAddress])
    /// The name exists, without an address of the family.
    case noAddress
    case noSuchName
    /// Nothing was said about the name: this is about our resolver.
    case trouble(LookupFailure)
}

/// What a look-up of a name came to.
enum NameOutcome: Hashable, Sendable {
    /// Usable addresses, never empty, without repetition, and the smallest of their times to live in seconds.
    case addresses([IPAddress], timeToLive: Int)
    case failure(LookupFailure)

    /// Addresses of one name that are used; more of them would make one attempt long, not better.
    static let maximumAddresses = 16

    /// Joins the answers for both families; `nil` is one that did not come in time.
    ///
    /// Addresses of one family are enough.
    /// Without any, trouble with one family is trouble: the other's "no address" says nothing about the name.
    init(ipv6: FamilyAnswer?, ipv4: FamilyAnswer?) {
        let families = [ipv6, ipv4].map { answer -> [TimedAddress] in
            if case .addresses(let addresses) = answer { return addresses }
            return []
        }
        var seen: Set<IPAddress> = []
        let usable = families.map { $0.filter { $0.address.isUsable && seen.insert($0.address).inserted } }
        var taken: [TimedAddress] = []
        for place in 0..<(usable.map(\.count).max() ?? 0) {
            for family in usable where place < family.count { taken.append(family[place]) }
        }
        taken = Array(taken.prefix(Self.maximumAddresses))
        if let timeToLive = taken.map(\.timeToLive).min() {
            self = .addresses(taken.map(\.address), timeToLive: timeToLive)
            return
        }
        let lies = families.joined().map(\.address.description)
        if !lies.isEmpty {
            let shown = Array(Set(lies)).sorted().prefix(3).joined(separator: ", ")
            self = .failure(.resolver("the name server answered only \(shown), which nothing can be connected to"))
            return
        }
        for case .trouble(let failure) in [ipv6, ipv4].compactMap({ $0 }) {
            self = .failure(failure)
            return
        }
        self = .failure(ipv6 == nil || ipv4 == nil ? .resolver("no name server answered in time") : .notFound)
    }
}
