/// Something outside the routes that is probed only to know whether our own network works.
package struct AnchorConfiguration: Hashable, Sendable {
    /// Made of its address, as in `anchor:tcp://192.0.2.1:443`: no endpoint can have such a name.
    package let name: EndpointName
    /// Its success is all that counts: an anchor has no objective.
    package let probe: ProbeConfiguration

    package init(address: String, probe: ProbeConfiguration) {
        name = EndpointName(rawValue: Self.prefix + address)
        self.probe = probe
    }

    private static let prefix = "anchor:"

    /// The address alone, for people.
    package var address: String { String(name.rawValue.dropFirst(Self.prefix.count)) }

    package var key: ProbeKey { ProbeKey(endpoint: name, probe: probe.name) }
}

extension Configuration {
    /// What has to be probed: the endpoints, and the anchors as if they were some.
    package var probed: [EndpointConfiguration] {
        endpoints
            + anchors.map { anchor in
                EndpointConfiguration(name: anchor.name, region: "", publicURL: anchor.address, probes: [anchor.probe])
            }
    }

    /// Whether a failure counts only if something else shows that our own network works.
    ///
    /// Not with a single endpoint and no anchor: nothing else is there.
    package var hasWitnesses: Bool { endpoints.count + anchors.count > 1 }

    /// What is told where there are none.
    package static let noWitnessText =
        "with one endpoint and no anchor, a fault of our own network counts as one of the endpoint"
}
