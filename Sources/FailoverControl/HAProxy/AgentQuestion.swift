/// What one server of HAProxy asks with `agent-send "ROUTE/ENDPOINT\n"`, or with `"ROUTE/ENDPOINT NAME\n"` where several
/// HAProxys ask from one address and each has a name.
package struct AgentQuestion: Hashable, Sendable {
    package let route: String
    package let endpoint: String
    /// The name that HAProxy gives itself; empty without one.
    package let asker: String

    /// Two names of an endpoint and a route, one of the asker, what stands between them, and the end of the line.
    package static let maximumBytes = 3 * maximumNameBytes + 4
    private static let maximumNameBytes = 63

    package init(route: String, endpoint: String, asker: String = "") {
        self.route = route
        self.endpoint = endpoint
        self.asker = asker
    }

    /// A line without its end; `nil` for anything else than names.
    package init?(line: [UInt8]) {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard 1...2 ~= words.count else { return nil }
        let names = words[0].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard names.count == 2, names.allSatisfy(Self.isName), words.dropFirst().allSatisfy(Self.isName) else {
            return nil
        }
        route = String(decoding: names[0], as: UTF8.self)
        endpoint = String(decoding: names[1], as: UTF8.self)
        asker = words.count == 2 ? String(decoding: words[1], as: UTF8.self) : ""
    }

    /// Whether it could be a name in the configuration: whatever else comes is not repeated anywhere.
    private static func isName(_ name: ArraySlice<UInt8>) -> Bool {
        1...maximumNameBytes ~= name.count
            && name.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
