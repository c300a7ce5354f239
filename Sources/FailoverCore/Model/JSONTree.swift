/// A JSON value of any depth, with the keys of objects in their written order.
package indirect enum JSONTree: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number that was written without point and exponent.
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONTree])
    /// Keys are unique.
    case object([Member])

    /// One member of an object.
    package struct Member: Hashable, Sendable {
        package let key: String
        package let value: JSONTree

        package init(_ key: String, _ value: JSONTree) {
            self.key = key
            self.value = value
        }
    }

    /// This value with `other` laid over it: objects are merged key by key, everything else is replaced.
    ///
    /// New keys come last, in the order of `other`.
    package func merged(with other: JSONTree) -> JSONTree {
        guard case .object(let own) = self, case .object(let added) = other else { return other }
        let replaced = own.map { member in
            guard let over = added.first(where: { $0.key == member.key }) else { return member }
            return Member(member.key, member.value.merged(with: over.value))
        }
        return .object(replaced + added.filter { new in !own.contains { $0.key == new.key } })
    }
}
