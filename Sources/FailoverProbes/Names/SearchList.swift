/// The domains in which short names are looked up, as `resolv.conf` says.
struct SearchList: Hashable, Sendable {
    /// Domains that are used, as in the C library before 2.26, so that one name is not a hundred queries.
    static let maximumDomains = 6

    /// In order; at most ``maximumDomains``.
    let domains: [String]
    /// The number of dots from which on a name is tried as it is before the domains.
    let dots: Int

    init(domains: [String], dots: Int) {
        let names = domains.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
        self.domains = Array(names.filter { !$0.isEmpty }.prefix(Self.maximumDomains))
        self.dots = dots
    }

    /// The full names to ask for, one after the other while no such name exists; never empty.
    func candidates(for host: String) -> [String] {
        guard !host.hasSuffix(".") else { return [host] }
        let inDomains = domains.map { host + "." + $0 }
        let isTriedFirst = host.utf8.count { $0 == UInt8(ascii: ".") } >= dots
        return isTriedFirst ? [host] + inDomains : inDomains + [host]
    }
}
