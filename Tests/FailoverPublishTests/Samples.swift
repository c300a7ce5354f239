import FailoverCore
import FailoverWire
import Foundation
import Testing

/// 2026-11-22T12:04:31.250Z, and 1,000 s on the daemon's clock.
let noon = ClockReading(monotonic: .seconds(1_000), wall: WallTime(secondsSince1970: 1_795_349_071.25))

let publisher = Publisher(
    instance: StateDocument.Instance(id: "00c0ffee", version: "0.1.0", configHash: "abc"),
    vantage: "us-east-a",
    startedAt: WallTime(secondsSince1970: 1_795_349_000),
    validFor: .seconds(30)
)

/// A state with these routes and their active endpoints.
func state(_ active: [String: String], mode: String = "preferred", sequence: UInt64 = 1) -> StateDocument {
    StateDocument(
        generation: 3,
        sequence: sequence,
        writtenAt: noon.wall,
        validUntil: noon.wallTime(of: .seconds(1_030)),
        persisted: true,
        instance: publisher.instance,
        vantage: StateDocument.Vantage(name: "us-east-a", state: "clear", since: noon.wall),
        vantages: [:],
        routes: active.mapValues { route(on: $0, mode: mode) },
        endpoints: [:]
    )
}

func route(
    on active: String,
    mode: String = "preferred",
    provisional: Bool = false,
    wouldBeActive: String? = nil
) -> StateDocument.Route {
    StateDocument.Route(
        active: active,
        weights: [active: 100],
        mode: mode,
        generation: 3,
        since: noon.wall,
        reason: ReasonDocument(code: "initial", text: "preferred by the configuration"),
        order: [active],
        provisional: provisional,
        dryRun: wouldBeActive != nil,
        wouldBeActive: wouldBeActive ?? active,
        endpoints: [active]
    )
}

/// The event of a move of `chat`.
func move(_ kind: EventKind = .failover, dryRun: Bool = false, generation: UInt64 = 3) -> Event {
    Event(
        kind: kind,
        at: .seconds(1_000),
        route: "chat",
        from: "us-east",
        to: "eu-west",
        regionFrom: "us-east-1",
        regionTo: "eu-west-1",
        reason: Reason(.availability, "availability: \"outage\" evidence 7.20 >= 6.98"),
        generation: generation,
        dryRun: dryRun
    )
}

/// The event of a verdict on `us-east`.
func verdict(_ text: String = "healthy -> unhealthy: connect_refused") -> Event {
    Event(kind: .verdict, at: .seconds(1_000), endpoint: "us-east", reason: Reason(.availability, text), generation: 3)
}

func document(_ event: Event, sequence: UInt64 = 1) -> EventDocument {
    EventDocument(event, sequence: sequence, at: noon, publisher: publisher)
}

func bytes(at path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

func text(at path: String) throws -> String { String(decoding: try bytes(at: path), as: UTF8.self) }

func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

/// Names in a directory, sorted.
func names(at path: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

/// Permission bits of a file.
func mode(of path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
}

/// The path of a file of this repository.
func repository(_ path: String) -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return root.deletingLastPathComponent().appending(path: path).path
}
