import Mustache

/// An endpoint and then the others of its route, in the route's order of preference: where to go when nobody decides.
///
/// Made when a template asks for it: for all of a route with thousands of endpoints that would be their square.
struct TemplateOwnOrder: MustacheSequence {
    static let name = "own_order"
    /// More than anybody tries, and little enough for the largest route.
    static let maximum = 16

    /// Those of the route.
    private let names: [String]
    private let members: [String: [String: Any]]
    private let first: String

    /// `members` are the values by name, without orders of their own.
    init(of first: String, names: [String], members: [String: [String: Any]]) {
        self.first = first
        self.names = names
        self.members = members
    }

    func makeIterator() -> IndexingIterator<[[String: Any]]> {
        let others = names.lazy.filter { $0 != first }.prefix(Self.maximum - 1)
        return TemplateValues.listed(([first] + others).compactMap { members[$0] }).makeIterator()
    }
}
