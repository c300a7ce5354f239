package import FailoverCore

/// What the command line says.
package struct DaemonOptions: Hashable, Sendable {
    package let configurationFile: String
    /// Each overrides the configuration, also after a reload.
    package let stateFile: String?
    package let socket: String?
    package let stateDirectory: String?
    /// Decide and say so, but never move, on any route.
    package let observe: Bool

    package init(
        configurationFile: String,
        stateFile: String? = nil,
        socket: String? = nil,
        stateDirectory: String? = nil,
        observe: Bool = false
    ) {
        self.configurationFile = configurationFile
        self.stateFile = stateFile
        self.socket = socket
        self.stateDirectory = stateDirectory
        self.observe = observe
    }

    /// The configuration with the command line's word on top.
    package func applied(to configuration: Configuration) -> Configuration {
        let outputs = configuration.outputs
        return Configuration(
            vantage: configuration.vantage,
            endpoints: configuration.endpoints,
            routes: observe ? configuration.routes.map(Self.observing) : configuration.routes,
            outputs: OutputConfiguration(
                stateFile: stateFile ?? outputs.stateFile,
                socket: socket ?? outputs.socket,
                stateDirectory: stateDirectory ?? outputs.stateDirectory,
                journal: outputs.journal,
                writeInterval: outputs.writeInterval,
                validFor: outputs.validFor,
                haproxyAgent: outputs.haproxyAgent,
                templates: outputs.templates,
                http: outputs.http
            ),
            spend: configuration.spend,
            record: configuration.record,
            history: configuration.history,
            anchors: configuration.anchors,
            notifications: configuration.notifications
        )
    }

    private static func observing(_ route: RouteConfiguration) -> RouteConfiguration {
        RouteConfiguration(
            name: route.name,
            endpoints: route.endpoints,
            ranks: route.ranks,
            availability: route.availability,
            decision: DecisionConfiguration(
                rule: route.decision.rule,
                failback: route.decision.failback,
                holdDown: route.decision.holdDown,
                maximumMovesPerHour: route.decision.maximumMovesPerHour,
                observe: true
            ),
            cost: route.cost,
            shares: route.shares
        )
    }
}
