import FailoverCore
import FailoverPublish
import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite struct StateFilePublisherTests {
    @Test func theDocumentAndOneFileForEachRouteArePublished() async throws {
        try await withTemporaryDirectory { directory async throws in
            var publisher = try StateFilePublisher(stateFile: directory.path("state.json"))
            let document = state(["chat": "us-east", "embed": "eu-west"])
            let report = publisher.publish(document)
            var expected = PublishReport()
            expected.isStateWritten = true
            expected.changedRoutes = ["chat", "embed"]
            #expect(report == expected)
            #expect(try bytes(at: directory.path("state.json")) == [UInt8](try Wire.encodePretty(document)) + [0x0A])
            #expect(try text(at: directory.path("routes/chat")) == "us-east\n")
            #expect(try text(at: directory.path("routes/embed")) == "eu-west\n")
            #expect(try ["state.json", "routes/chat"].map { try mode(of: directory.path($0)) } == [0o644, 0o644])
            #expect(try mode(of: directory.path("routes")) == 0o755)
            #expect(try names(at: directory.path) == ["routes", "state.json"])
        }
    }

    @Test func aStateThatIsKeptAsASnapshotIsWrittenAsItsDocument() async throws {
        try await withTemporaryDirectory { directory async throws in
            let route = RouteSnapshot(
                name: "chat",
                active: "eu-west",
                mode: .failover,
                generation: 3,
                since: .seconds(990),
                reason: Reason(.availability, "because"),
                order: ["eu-west"],
                provisional: false,
                dryRun: false,
                wouldBeActive: "eu-west",
                endpoints: ["us-east", "eu-west"]
            )
            let snapshot = Snapshot(generation: 3, persisted: true, routes: [route], endpoints: [])
            let state = PublishedState(snapshot, sequence: 1, persisted: false, at: noon, publisher: publisher)
            var files = try StateFilePublisher(stateFile: directory.path("state.json"))
            #expect(files.publish(state).changedRoutes == ["chat"])
            let expected = String(decoding: try Wire.encodePretty(state.document), as: UTF8.self) + "\n"
            #expect(try text(at: directory.path("state.json")) == expected)
            #expect(try text(at: directory.path("routes/chat")) == "eu-west\n")
            #expect(statusLine(for: state) == statusLine(for: state.document))
        }
    }

    @Test func aRouteFileIsReplacedOnlyWhenItChanges() async throws {
        try await withTemporaryDirectory { directory async throws in
            func inode() throws -> UInt64? {
                try FileManager.default.attributesOfItem(atPath: directory.path("routes/chat"))[.systemFileNumber]
                    as? UInt64
            }
            var publisher = try StateFilePublisher(stateFile: directory.path("state.json"))
            _ = publisher.publish(state(["chat": "us-east"]))
            let first = try inode()
            #expect(publisher.publish(state(["chat": "us-east"])).changedRoutes == [])
            var successor = try StateFilePublisher(stateFile: directory.path("state.json"))
            #expect(successor.publish(state(["chat": "us-east"])).changedRoutes == [])
            #expect(try inode() == first)
            #expect(successor.publish(state(["chat": "eu-west"])).changedRoutes == ["chat"])
            #expect(try text(at: directory.path("routes/chat")) == "eu-west\n")
        }
    }

    @Test func aRouteFileThatSomeoneDamagedHeals() async throws {
        try await withTemporaryDirectory { directory async throws in
            var publisher = try StateFilePublisher(stateFile: directory.path("state.json"))
            _ = publisher.publish(state(["chat": "us-east"]))
            for damage in [
                { try write("elsewhere\n", to: directory.path("routes/chat")) },
                { try FileManager.default.removeItem(atPath: directory.path("routes/chat")) },
                { try FileManager.default.removeItem(atPath: directory.path("routes")) },
                {
                    try FileManager.default.removeItem(atPath: directory.path("routes/chat"))
                    symlink("/etc/passwd", directory.path("routes/chat"))
                },
            ] {
                try damage()
                let report = publisher.publish(state(["chat": "us-east"]))
                #expect(report.changedRoutes == ["chat"])
                #expect(report.failures == [])
                #expect(try text(at: directory.path("routes/chat")) == "us-east\n")
            }
        }
    }

    @Test func routesThatAreGoneLoseTheirFilesAndStrangersKeepTheirs() async throws {
        try await withTemporaryDirectory { directory async throws in
            mkdir(directory.path("routes"), 0o755)
            try write("not ours\n", to: directory.path("routes/index.js"))
            var first = try StateFilePublisher(stateFile: directory.path("state.json"))
            _ = first.publish(state(["chat": "us-east", "embed": "us-east"]))
            // Over a restart, and with half a file of a crash.
            try write("eu", to: directory.path("routes/.chat.failoverd-1.1.tmp"))
            var second = try StateFilePublisher(stateFile: directory.path("state.json"))
            let report = second.publish(state(["chat": "us-east"]))
            #expect(report.removedRoutes == ["embed"])
            #expect(try names(at: directory.path("routes")) == [".names", "chat", "index.js"])
            #expect(second.publish(state(["chat": "us-east"])).removedRoutes == [])
        }
    }

    @Test(arguments: ["../state", "a/b", ".hidden", ""])
    func aRouteWhoseNameIsNoFileNameIsReported(name: String) async throws {
        try await withTemporaryDirectory { directory async throws in
            var publisher = try StateFilePublisher(stateFile: directory.path("run.json"))
            let report = publisher.publish(state([name: "us-east"]))
            let path = directory.path("routes/\(name)")
            let failure = FileError(path: path, operation: .use, errno: 0, detail: "the names make no file of one line")
            #expect(report.failures == [failure])
            #expect(report.isStateWritten)
            #expect(try names(at: directory.path) == ["routes", "run.json"])
            #expect(try names(at: directory.path("routes")) == [".names"])
        }
    }

    @Test func aFailureIsCountedAndALaterWriteHeals() async throws {
        try await withTemporaryDirectory { directory async throws in
            let path = directory.path("run/state.json")
            var publisher = try StateFilePublisher(stateFile: path)
            let report = publisher.publish(state(["chat": "us-east"]))
            #expect(
                report.failures.map(\.description) == [
                    "cannot open \(path): No such file or directory (ENOENT)",
                    "cannot make the directory \(directory.path("run/routes")): No such file or directory (ENOENT)",
                    "cannot open \(directory.path("run/routes/chat")): No such file or directory (ENOENT)",
                ]
            )
            _ = publisher.publish(state(["chat": "us-east"]))
            var counts = PublishCounts()
            counts.failed = 2
            counts.failedInARow = 2
            #expect(publisher.counts == counts)
            mkdir(directory.path("run"), 0o755)
            #expect(publisher.publish(state(["chat": "us-east"])).failures == [])
            counts.succeeded = 1
            counts.failedInARow = 0
            #expect(publisher.counts == counts)
        }
    }

    @Test func aStateThatCannotBeEncodedKeepsTheOldOne() async throws {
        try await withTemporaryDirectory { directory async throws in
            var publisher = try StateFilePublisher(stateFile: directory.path("state.json"))
            _ = publisher.publish(state(["chat": "us-east"]))
            let before = try text(at: directory.path("state.json"))
            var broken = state(["chat": "eu-west"])
            broken.endpoints["us-east"] = StateDocument.Endpoint(
                region: "r",
                provider: nil,
                url: "",
                attributes: ["weight": .number(.nan)],
                verdict: "healthy",
                reason: ReasonDocument(code: "", text: ""),
                since: noon.wall,
                tier: "deep",
                byVantage: [:],
                indicators: [:]
            )
            let report = publisher.publish(broken)
            #expect(report.failures.map(\.operation) == [.encode])
            #expect(try text(at: directory.path("state.json")) == before)
            #expect(try text(at: directory.path("routes/chat")) == "eu-west\n")
        }
    }

    private final class Counter: Sendable {
        private let count = NIOLockedValueBox(0)
        var value: Int { count.withLockedValue { $0 } }
        func increment() { count.withLockedValue { $0 += 1 } }
    }

    @Test(.timeLimit(.minutes(2)))
    func readersNeverSeeATornOrEmptyState() async throws {
        try await withTemporaryDirectory { directory async throws in
            var publisher = try StateFilePublisher(stateFile: directory.path("state.json"))
            _ = publisher.publish(state(["chat": "e1"], sequence: 1))
            let reads = Counter()
            async let reader: Void = read(from: directory, counting: reads)
            var sequence: UInt64 = 1
            while sequence < 1_000 || reads.value < 1_000 {
                sequence += 1
                try #require(publisher.publish(state(["chat": "e\(sequence)"], sequence: sequence)).failures == [])
                await Task.yield()
            }
            try await reader
        }
    }

    /// Reads a thousand times; each time the state must be whole, of one piece, and no older than the one before.
    @concurrent
    private func read(from directory: TemporaryDirectory, counting reads: Counter) async throws {
        var last: UInt64 = 0
        while reads.value < 1_000 {
            defer { reads.increment() }
            let data = try Data(contentsOf: URL(filePath: directory.path("state.json")))
            let document = try Wire.decode(StateDocument.self, from: data)
            #expect(document == state(["chat": "e\(document.sequence)"], sequence: document.sequence))
            #expect(document.sequence >= last)
            #expect(try text(at: directory.path("routes/chat")).wholeMatch(of: /e[0-9]+\n/) != nil)
            last = document.sequence
        }
    }
}
