// For replays: the same configuration but for a part, whatever else there is in it.

extension Configuration {
    /// The same with another rule in every route.
    package func with(_ rule: RuleConfiguration) -> Configuration {
        var changed = self
        for index in changed.routes.indices { changed.routes[index].decision.rule = rule }
        return changed
    }

    /// The same with probes that differ from before, though their text does not: a secret changed.
    ///
    /// The engine only asks whether probes are the same, so that a part which decides nothing tells the versions apart.
    package func revised(_ revisions: [EndpointName: Int]) -> Configuration {
        var changed = self
        for index in changed.endpoints.indices {
            guard let revision = revisions[changed.endpoints[index].name] else { continue }
            for probe in changed.endpoints[index].probes.indices {
                let mark = ConnectionSettings(sourceAddress: "revision \(revision)")
                changed.endpoints[index].probes[probe].connection = mark
            }
        }
        return changed
    }
}
