package import FailoverCore

/// What a state file and the answers of the socket are made of.
package protocol PublishableState: JSONWritable, Sendable {
    /// The decision is also on disk in the state directory.
    var persisted: Bool { get }
    /// Every route by its name.
    var routes: [String: StateDocument.Route] { get }
    /// About how many bytes it takes when it is written for people, or rather more.
    var expectedBytes: Int { get }

    /// `nil` if there is none of that name.
    func route(_ name: String) -> StateDocument.Route?
    /// Those of these names that exist, by name.
    func endpoints(_ names: [String]) -> [String: StateDocument.Endpoint]
    /// All but the routes and the endpoints.
    var head: StateDocument { get }
    /// Goes through all endpoints by rising name, one at a time: whole ones are dear to move.
    func forEachEndpoint(_ body: (String, StateDocument.Endpoint) -> Void)
}

extension StateDocument: PublishableState {
    package var expectedBytes: Int {
        Self.expectedBytes(
            routes: routes.count,
            endpoints: endpoints.count,
            chats: endpoints.values.reduce(0) { $0 + ($1.chat?.count ?? 0) }
        )
    }

    package func route(_ name: String) -> Route? { routes[name] }

    package func endpoints(_ names: [String]) -> [String: Endpoint] {
        let names = Set(names)
        return endpoints.filter { names.contains($0.key) }
    }

    package var head: StateDocument { self }

    package func forEachEndpoint(_ body: (String, Endpoint) -> Void) {
        for (name, endpoint) in endpoints.sorted(by: { $0.key < $1.key }) { body(name, endpoint) }
    }

    /// Twice what an endpoint with one probe takes, and what a chat adds to it; what is not used of a large buffer costs
    /// nothing.
    static func expectedBytes(routes: Int, endpoints: Int, chats: Int) -> Int {
        2048 + routes * 2048 + endpoints * 4096 + chats * 4096
    }
}

/// What a state says about its writing, without the state itself.
package struct StateImprint: Hashable, Sendable {
    package let generation: UInt64
    /// Counts writes of the state file.
    package let sequence: UInt64
    package let persisted: Bool
    package let writtenAt: WallTime
    package let validUntil: WallTime
}

/// A state as it is published, told in the words of the contract only when somebody asks.
///
/// Making one costs nothing, however many endpoints there are, and writing it makes no document of all of them.
package struct PublishedState: PublishableState {
    package let snapshot: Snapshot
    package let imprint: StateImprint
    package let publisher: Publisher
    /// When the snapshot was taken.
    package let clock: ClockReading
    /// Files that are rendered from decisions, by path; `nil` where there are none.
    package var outputs: [String: StateDocument.Output]?
    /// Those who are told of events, by name; `nil` where there are none.
    package var notifications: [String: StateDocument.Notification]?
    /// What applications report, by endpoint; `nil` where nothing is reported.
    package var reported: [String: StateDocument.Reported]?

    /// A state for the file; `persisted` is whether the decision is on disk.
    package init(
        _ snapshot: Snapshot,
        sequence: UInt64,
        persisted: Bool,
        at clock: ClockReading,
        publisher: Publisher
    ) {
        self.snapshot = snapshot
        imprint = StateImprint(
            generation: snapshot.generation,
            sequence: sequence,
            persisted: persisted,
            writtenAt: clock.wall,
            validUntil: clock.wallTime(of: clock.monotonic + publisher.validFor)
        )
        self.publisher = publisher
        self.clock = clock
    }

    /// The same decision with fresh figures, under the name of the state that is in the file.
    package init(_ snapshot: Snapshot, writtenAs imprint: StateImprint, at clock: ClockReading, publisher: Publisher) {
        self.snapshot = snapshot
        self.imprint = imprint
        self.publisher = publisher
        self.clock = clock
    }

    package var persisted: Bool { imprint.persisted }

    package var expectedBytes: Int {
        // By index, because whole endpoints are dear to move.
        let chats = snapshot.endpoints.indices.reduce(0) { $0 + snapshot.endpoints[$1].chats.count }
        return StateDocument.expectedBytes(
            routes: snapshot.routes.count,
            endpoints: snapshot.endpoints.count,
            chats: chats
        )
    }

    package func write(to writer: inout JSONWriter) {
        head.write(to: &writer) { writer in
            forEachEndpoint { name, endpoint in writer.field(named: name, endpoint) }
        } routes: { writer in
            for route in snapshot.routes.sorted(by: { $0.name < $1.name }) {
                writer.field(named: route.name.rawValue, StateDocument.Route(route, intents: intents, at: clock))
            }
        }
    }

    // MARK: Parts

    package var head: StateDocument { document(routes: [:], endpoints: [:]) }

    package func forEachEndpoint(_ body: (String, StateDocument.Endpoint) -> Void) {
        let names = snapshot.endpoints.map(\.configuration.name.rawValue)
        for index in names.indices.sorted(by: { names[$0] < names[$1] }) {
            body(names[index], endpoint(snapshot.endpoints[index]))
        }
    }

    /// The whole of it; takes more time and memory than its bytes.
    package var document: StateDocument {
        document(
            routes: routes,
            endpoints: Dictionary(
                uniqueKeysWithValues: snapshot.endpoints.map { ($0.configuration.name.rawValue, self.endpoint($0)) }
            )
        )
    }

    package var routes: [String: StateDocument.Route] {
        Dictionary(
            uniqueKeysWithValues: snapshot.routes.map {
                ($0.name.rawValue, StateDocument.Route($0, intents: intents, at: clock))
            }
        )
    }

    package func route(_ name: String) -> StateDocument.Route? {
        snapshot.routes.first { $0.name.rawValue == name }.map { StateDocument.Route($0, intents: intents, at: clock) }
    }

    package func endpoints(_ names: [String]) -> [String: StateDocument.Endpoint] {
        let names = Set(names)
        let members = snapshot.endpoints.filter { names.contains($0.configuration.name.rawValue) }
        return Dictionary(uniqueKeysWithValues: members.map { ($0.configuration.name.rawValue, endpoint($0)) })
    }

    package var probing: StateDocument.Probing { StateDocument.Probing(snapshot.probing, at: clock) }

    private func endpoint(_ endpoint: EndpointSnapshot) -> StateDocument.Endpoint {
        var shown = StateDocument.Endpoint(endpoint, intents: intents, publisher: publisher, at: clock)
        shown.reported = reported?[endpoint.configuration.name.rawValue]
        return shown
    }

    private var intents: ShownIntents { ShownIntents(snapshot.intents, at: clock) }

    private func document(
        routes: [String: StateDocument.Route],
        endpoints: [String: StateDocument.Endpoint]
    ) -> StateDocument {
        let vantage = publisher.vantage.rawValue
        let state = snapshot.vantage.state.rawValue
        let reason = (snapshot.vantage.reason ?? snapshot.probing.trouble?.reason).map { ReasonDocument($0) }
        let since = snapshot.vantage.since.map { clock.wallTime(of: $0) } ?? publisher.startedAt
        return StateDocument(
            generation: snapshot.generation,
            sequence: imprint.sequence,
            writtenAt: imprint.writtenAt,
            validUntil: imprint.validUntil,
            persisted: imprint.persisted,
            instance: publisher.instance,
            vantage: .init(
                name: vantage,
                state: state,
                reason: reason,
                since: since,
                anchors: StateDocument.anchors(snapshot.vantage.anchors, at: clock)
            ),
            vantages: [vantage: .init(state: state, reason: reason, seenAt: clock.wall)],
            frozen: intents.freeze,
            probing: probing,
            routes: routes,
            endpoints: endpoints,
            outputs: outputs,
            notifications: notifications
        )
    }
}

extension StateDocument {
    /// Tells a snapshot of the engine in the words of the contract.
    package init(snapshot: Snapshot, sequence: UInt64, at clock: ClockReading, publisher: Publisher) {
        let persisted = snapshot.persisted
        self =
            PublishedState(snapshot, sequence: sequence, persisted: persisted, at: clock, publisher: publisher).document
    }

    /// The part of a document that was decided rather than measured: all that a successor of its writer needs, in a
    /// fraction of the time that reading the endpoints takes.
    package struct Decision: Decodable, Hashable, Sendable {
        package let schema: String
        package let term: UInt64
        package let generation: UInt64
        package let frozen: Freeze?
        package let routes: [String: Route]
    }
}
