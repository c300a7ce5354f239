/// One endpoint that may carry traffic.
public struct Endpoint: Hashable, Sendable {
    /// As failoverd's configuration names it.
    public let name: String
    /// Where it is.
    ///
    /// Your own if you gave one for this name, because the state file leaves user info and query out.
    public let url: String
    /// Where it stands; `nil` in an order of your own.
    public let region: String?
    /// Percent of the route's traffic: 100 for the active endpoint of an active-standby route, 0 for a standby, and 0 in an
    /// order of your own.
    public let weight: Int

    /// An endpoint of an order of your own, or of a decision that you make up for a test.
    public init(_ name: String, url: String, region: String? = nil, weight: Int = 0) {
        self.name = name
        self.url = url
        self.region = region
        self.weight = weight
    }
}
