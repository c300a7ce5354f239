import FailoverCore

/// Reads when a lowest-latency route moves for speed, and checks what that rests on.
struct SpeedReader {
    let findings: Findings

    /// `route` is the mapping of the route; the window may become longer once the probes are known.
    func read(_ route: MappingReader) -> SpeedConfiguration {
        let standard = SpeedConfiguration()
        guard let reader = route.mapping(SpeedKeys.speed, table: SpeedKeys.table) else { return standard }
        return SpeedConfiguration(
            margin: reader.value(SpeedKeys.margin),
            minimumMargin: reader.value(SpeedKeys.minimumMargin),
            window: reader.value(SpeedKeys.window) ?? standard.window,
            dwell: reader.value(SpeedKeys.dwell)
        )
    }

    /// Probes whose median lies within the window: half as many again as are needed, because some are lost.
    private static let probesInWindow = SpeedConfiguration.minimumSamples * 3 / 2

    /// The route with a window that holds enough probes of each endpoint, if the file does not say one.
    func completed(
        _ route: RouteConfiguration,
        _ node: SettingNode,
        endpoints: [EndpointName: EndpointConfiguration]
    ) -> RouteConfiguration {
        guard let speed = route.speed else { return route }
        let probes = route.endpoints.compactMap { endpoints[$0].map { $0.probes[$0.leadingProbe] } }
        checkFigures(of: probes, node)
        guard let longest = probes.map(\.interval).max() else { return route }
        guard let place = node[SpeedKeys.speed]?[SpeedKeys.window.name] else {
            return route.with(speed.with(window: max(speed.window, longest * Self.probesInWindow)))
        }
        let least = longest * SpeedConfiguration.minimumSamples
        if speed.window < least {
            let text = "at least \(SpeedConfiguration.minimumSamples) intervals of the rarest probe"
            findings.refuse(place, allowed: "\(text) (\(DurationText.format(least)))")
        }
        return route
    }

    /// First tokens and whole answers cannot be compared.
    private func checkFigures(of probes: [ProbeConfiguration], _ node: SettingNode) {
        let place = node[RouteKeys.endpoints] ?? node
        let figures = SpeedFigure.allCases.filter { figure in probes.contains { SpeedFigure($0) == figure } }
        if figures.count > 1 {
            let chat = ProbeType.chat.rawValue
            findings.refuse(
                place,
                found: "chats and other probes",
                allowed: "only \(chat) probes, which are compared by their first tokens, or none of them"
            )
        }
        if Set(probes.map { ProbeType($0.request) }).count > 1, figures.count == 1 {
            findings.warn(place, "probes of different types are compared by their times all the same")
        }
    }
}

extension SpeedConfiguration {
    fileprivate func with(window: Duration) -> SpeedConfiguration {
        SpeedConfiguration(margin: margin, minimumMargin: minimumMargin, window: window, dwell: dwell)
    }
}

extension RouteConfiguration {
    fileprivate func with(_ speed: SpeedConfiguration) -> RouteConfiguration {
        RouteConfiguration(
            name: name,
            endpoints: endpoints,
            ranks: ranks,
            availability: availability,
            decision: decision,
            cost: cost,
            shares: shares,
            speed: speed
        )
    }
}
