import Foundation
import Synchronization
import TestSupport
import Testing

@testable import FailoverReader

@Suite("A reader of one route")
struct RouteReaderTests {
    /// A clock that stands, and a reader that sees each change: it looks at the file each time.
    private final class World: Sendable {
        let directory: TemporaryDirectory
        private let clock = Mutex(States.written)

        init() throws { directory = try TemporaryDirectory() }
        deinit { directory.remove() }

        /// A new one each time has read nothing before.
        func reader(_ order: [Endpoint] = States.own) -> RouteReader {
            RouteReader("chat", order: order, source: .stateFile(directory.path("state.json")), pause: .zero) {
                self.now
            }
        }

        var now: Date {
            get { clock.withLock { $0 } }
            set { clock.withLock { $0 = newValue } }
        }
    }

    @Test func whatIsPublishedIsFollowed() throws {
        let world = try World()
        let reader = world.reader()
        try States.publish(States.document(), in: world.directory.path)
        #expect(reader.decision == States.published())
        try States.publish(
            States.document(["eu-west", "us-east"], mode: "failover", generation: 8),
            in: world.directory.path
        )
        #expect(reader.decision.active?.name == "eu-west")
        #expect(reader.decision.word == .init(mode: .failover, generation: 8))
    }

    @Test func pastItsEndTheOwnOrderHolds() throws {
        let world = try World()
        let reader = world.reader()
        try States.publish(States.document(), in: world.directory.path)
        #expect(reader.decision == States.published())
        world.now = States.written + 30
        #expect(reader.decision == States.published())
        world.now = States.written + 30.001
        #expect(reader.decision == States.fallback)
        // A daemon that is back is followed again.
        try States.publish(States.document(validUntil: States.time(90)), in: world.directory.path)
        #expect(reader.decision == States.published())
    }

    static let damaged = [
        "", "{", "[]", "null", "\u{0}\u{1}", String(repeating: "[", count: 100_000),
        States.document(schema: "failoverd.state/2"), States.document(validUntil: "soon"),
        #"{"schema":"failoverd.state/1","valid_until":"2026-11-22T17:30:00.000Z","routes":[],"endpoints":{}}"#,
        States.document().replacing("https://eu-west", with: #"","region":7,"old":""#),
        States.document().replacing(#""active":"us-east""#, with: #""active":"nobody""#),
        States.document().replacing(#""generation":7"#, with: #""generation":-1"#),
        String(States.document().dropLast(20)),
    ]

    @Test(arguments: damaged)
    func whatCannotBeReadChangesNothingUntilTheEnd(_ document: String) throws {
        let world = try World()
        try States.publish(document, in: world.directory.path)
        #expect(world.reader().decision == States.fallback)
        let reader = world.reader()
        try States.publish(States.document(), in: world.directory.path)
        #expect(reader.decision == States.published())
        try States.publish(document, in: world.directory.path)
        #expect(reader.decision == States.published())
        world.now = States.written + 31
        #expect(reader.decision == States.fallback)
    }

    @Test func aMissingFileKeepsWhatWasReadUntilItsEnd() throws {
        let world = try World()
        let reader = world.reader()
        #expect(reader.decision == States.fallback)
        #expect(world.reader([]).decision.active == nil)
        try States.publish(States.document(), in: world.directory.path)
        #expect(reader.decision == States.published())
        try FileManager.default.removeItem(atPath: world.directory.path("state.json"))
        #expect(reader.decision == States.published())
        world.now = States.written + 31
        #expect(reader.decision == States.fallback)
    }

    /// What stands in the place of a file must not hold up whoever asks.
    @Test func aPipeOrADirectoryIsNoFile() throws {
        let world = try World()
        #expect(mkfifo(world.directory.path("state.json"), 0o600) == 0)
        #expect(world.reader().decision == States.fallback)
        let directory = RouteReader("chat", order: States.own, source: .stateFile(world.directory.path))
        #expect(directory.decision == States.fallback)
    }

    @Test func aRouteThatFailoverdDoesNotKnowHasTheOwnOrder() throws {
        let world = try World()
        try States.publish(States.document(), in: world.directory.path)
        let source = StateSource.stateFile(world.directory.path("state.json"))
        let other = RouteReader("embeddings", order: States.own, source: source) { world.now }
        #expect(other.decision == States.fallback)
    }

    @Test func unknownModesAreNoHindrance() throws {
        let world = try World()
        try States.publish(States.document(mode: "of_tomorrow"), in: world.directory.path)
        #expect(world.reader().decision.word?.mode == Decision.Mode(rawValue: "of_tomorrow"))
    }

    /// The golden file of the contract, as the daemon writes it.
    @Test func theDocumentOfTheContractIsRead() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../FailoverWireTests/Fixtures/state.json").standardized
        let document = try Data(contentsOf: file)
        let object = try #require(try JSONSerialization.jsonObject(with: document) as? [String: Any])
        let routes = try #require(object["routes"] as? [String: [String: Any]])
        #expect(!routes.isEmpty)
        for (name, route) in routes {
            let reading = try #require(try StateReading(document: document, route: name).route)
            #expect(reading.order.first?.name == route["active"] as? String)
            #expect(reading.order.map(\.name) == route["order"] as? [String])
            #expect(reading.word.mode.rawValue == route["mode"] as? String)
        }
    }

    @Test func weightsAreDrawn() throws {
        let weights = ["cheap": 70, "long": 25, "premium": 5, "spare": 0]
        let order = ["cheap", "long", "premium", "spare"]
        let reading = try StateReading(document: Data(States.document(order, weights: weights).utf8), route: "chat")
        let route = try #require(reading.route)
        let decision = Decision(order: route.order, word: route.word)
        var drawn: [String: Int] = [:]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<10_000 {
            let picked = decision.picked(using: &generator)
            #expect(Set(picked) == Set(decision.order) && picked.count == 4)
            drawn[picked[0].name, default: 0] += 1
        }
        #expect(drawn["spare"] == nil)
        // Ten times the standard deviation at most.
        for name in order.dropLast() { #expect(abs(Double(drawn[name] ?? 0) / 100 - Double(weights[name] ?? 0)) < 5) }
        #expect(States.fallback.picked() == States.own)
    }
}
