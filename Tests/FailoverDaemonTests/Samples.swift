import FailoverCore
import FailoverPublish
import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import TestSupport

@testable import FailoverDaemon

let publisher = Publisher(
    instance: StateDocument.Instance(id: "00c0ffee", version: "0.1.0", configHash: "abc"),
    vantage: "here",
    startedAt: WallTime(secondsSince1970: 1_795_349_000),
    validFor: .seconds(30)
)

/// Route `chat` on one of `a` and `b`.
func snapshot(generation: UInt64, active: EndpointName = "a", persisted: Bool = true) -> Snapshot {
    Snapshot(
        generation: generation,
        persisted: persisted,
        routes: [
            RouteSnapshot(
                name: "chat",
                active: active,
                mode: active == "a" ? .preferred : .failover,
                generation: generation,
                since: .seconds(0),
                reason: Reason(.initial, "preferred by the configuration"),
                order: [active],
                provisional: false,
                dryRun: false,
                wouldBeActive: active,
                endpoints: ["a", "b"]
            )
        ],
        endpoints: []
    )
}

func memory(generation: UInt64, active: EndpointName = "a") -> Memory {
    Memory(
        generation: generation,
        routes: [
            RouteMemory(
                name: "chat",
                active: active,
                generation: generation,
                since: .seconds(0),
                reason: Reason(.initial, "preferred by the configuration"),
                moves: []
            )
        ],
        endpoints: []
    )
}

func event(_ kind: EventKind = .failover, generation: UInt64 = 1) -> Event {
    Event(
        kind: kind,
        at: SystemClock.now,
        route: "chat",
        from: "a",
        to: "b",
        reason: Reason(.availability, "it was down"),
        generation: generation
    )
}

/// A list that threads add to.
final class Notes<Note: Sendable>: Sendable {
    private let notes = NIOLockedValueBox<[Note]>([])
    func add(_ note: Note) { notes.withLockedValue { $0.append(note) } }
    var all: [Note] { notes.withLockedValue { $0 } }
}

/// A disk writer on a real directory, whose thread can be stopped in its tracks.
struct Disk: Sendable {
    let writer: DiskWriter
    let tickets = Notes<String>()
    let reports = Notes<String>()
    private let gate: Gate

    /// Lets the thread pass, or not.
    private final class Gate: Sendable {
        private let isOpen = NIOLockedValueBox(true)
        private let passing = DispatchSemaphore(value: 0)
        let waiting = NIOLockedValueBox(0)

        func shut() { isOpen.withLockedValue { $0 = false } }

        func open() {
            isOpen.withLockedValue { $0 = true }
            let count = waiting.withLockedValue { $0 }
            for _ in 0..<count { passing.signal() }
        }

        func pass() {
            guard !isOpen.withLockedValue({ $0 }) else { return }
            waiting.withLockedValue { $0 += 1 }
            passing.wait()
            waiting.withLockedValue { $0 -= 1 }
        }
    }

    init(_ directory: String) throws {
        let gate = Gate()
        self.gate = gate
        let (tickets, reports) = (tickets, reports)
        writer = try DiskWriter(
            store: MemoryStore(directory: directory),
            log: TransitionLog(directory: directory),
            spending: SpendStore(directory: directory),
            learned: BaselineStore(directory: directory),
            answer: { ticket, succeeded in
                tickets.add("\(ticket) \(succeeded)")
                gate.pass()
            },
            report: { reports.add("\($0) \($1)") }
        )
    }

    /// Makes the disk hang after the next memory, and waits until it does.
    func hang(after memory: Memory, ticket: UInt64) async throws {
        gate.shut()
        writer.save(memory, ticket: ticket)
        try await condition("the disk hangs") { gate.waiting.withLockedValue { $0 } == 1 }
    }

    func goOn() { gate.open() }
}

func memoryDocument(in directory: String) throws -> MemoryDocument {
    try Wire.decode(MemoryDocument.self, from: try Data(contentsOf: URL(filePath: directory + "/memory.json")))
}

func stateDocument(at path: String) throws -> StateDocument {
    try Wire.decode(StateDocument.self, from: try Data(contentsOf: URL(filePath: path)))
}
