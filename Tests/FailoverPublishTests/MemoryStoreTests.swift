import FailoverCore
import FailoverPublish
import FailoverWire
import Foundation
import TestSupport
import Testing

@Suite struct MemoryStoreTests {
    private static let memory = Memory(
        generation: 7,
        routes: [
            RouteMemory(
                name: "chat",
                active: "eu-west",
                generation: 7,
                since: .seconds(940),
                reason: Reason(.availability, "outage"),
                moves: [.seconds(400), .seconds(940)]
            )
        ],
        endpoints: [EndpointMemory(name: "us-east", penalty: 1.5, penaltyAt: .seconds(940), mustProve: true)]
    )

    private static let intents = [
        OperatorIntent(
            kind: .pin("chat", to: "eu-west"),
            by: "alice",
            reason: "new kernel",
            since: .seconds(940),
            until: .seconds(940 + 4 * 3600)
        ),
        OperatorIntent(
            kind: .drain(.region("us")),
            by: "bob",
            reason: "moving out",
            since: .seconds(940),
            from: .seconds(4_540),
            until: .seconds(8_140),
            isBegun: false
        ),
        OperatorIntent(kind: .freeze, by: "carol", reason: "audit", since: .seconds(940), until: .seconds(1_540)),
    ]

    /// The same with what operators want.
    private static let goldenIntents = """
          "intents" : [
            {
              "begun" : true,
              "by" : "alice",
              "endpoint" : "eu-west",
              "from" : "2026-11-22T12:03:31.250Z",
              "kind" : "pin",
              "reason" : "new kernel",
              "route" : "chat",
              "since" : "2026-11-22T12:03:31.250Z",
              "until" : "2026-11-22T16:03:31.250Z"
            },
            {
              "begun" : false,
              "by" : "bob",
              "from" : "2026-11-22T13:03:31.250Z",
              "kind" : "drain",
              "reason" : "moving out",
              "region" : "us",
              "since" : "2026-11-22T12:03:31.250Z",
              "until" : "2026-11-22T14:03:31.250Z"
            },
            {
              "begun" : true,
              "by" : "carol",
              "from" : "2026-11-22T12:03:31.250Z",
              "kind" : "freeze",
              "reason" : "audit",
              "since" : "2026-11-22T12:03:31.250Z",
              "until" : "2026-11-22T12:13:31.250Z"
            }
          ],
          "routes" : {

        """

    /// What version 1 of the schema looks like on disk; it must be readable for ever.
    private static let golden = """
        {
          "endpoints" : {
            "us-east" : {
              "must_prove" : true,
              "penalty" : 1.5,
              "penalty_at" : "2026-11-22T12:03:31.250Z"
            }
          },
          "generation" : 7,
          "routes" : {
            "chat" : {
              "active" : "eu-west",
              "generation" : 7,
              "moves" : [
                "2026-11-22T11:54:31.250Z",
                "2026-11-22T12:03:31.250Z"
              ],
              "reason" : {
                "code" : "availability",
                "text" : "outage"
              },
              "since" : "2026-11-22T12:03:31.250Z"
            }
          },
          "schema" : "failoverd.memory/1",
          "term" : 0,
          "written_at" : "2026-11-22T12:04:31.250Z"
        }

        """

    @Test func memoryIsWrittenAsTheGoldenFileAndReadBack() async throws {
        try await withTemporaryDirectory { directory async throws in
            let store = MemoryStore(directory: directory.path)
            #expect(store.load(clock: noon) == .none)
            var memory = Self.memory
            memory.intents = Self.intents
            try store.save(memory, clock: noon)
            let golden = Self.golden.replacing("  \"routes\" : {\n", with: Self.goldenIntents)
            #expect(try text(at: directory.path("memory.json")) == golden)
            #expect(try mode(of: directory.path("memory.json")) == 0o640)
            #expect(store.load(clock: noon) == .memory(memory))
            #expect(try names(at: directory.path) == ["memory.json"])
        }
    }

    /// Written before operators could want anything.
    @Test func aMemoryOfAnEarlierVersionIsReadBack() async throws {
        try await withTemporaryDirectory { directory async throws in
            try write(Self.golden, to: directory.path("memory.json"))
            #expect(MemoryStore(directory: directory.path).load(clock: noon) == .memory(Self.memory))
        }
    }

    @Test func timeThatPassedBetweenTwoProcessesIsCounted() async throws {
        try await withTemporaryDirectory { directory async throws in
            try write(Self.golden, to: directory.path("memory.json"))
            let later = ClockReading(monotonic: .seconds(5), wall: noon.wallTime(of: .seconds(1_100)))
            guard case .memory(let memory) = MemoryStore(directory: directory.path).load(clock: later) else {
                throw ConditionError(description: "nothing was remembered")
            }
            #expect(memory.routes.map(\.since) == [.seconds(-155)])
        }
    }

    static let unusable: [(name: String, contents: String, reason: String)] = [
        ("empty", "", "it is empty"),
        ("damaged", "\u{0}\u{0}\u{0}", "it is no JSON object with a \"schema\""),
        ("truncated", String(golden.dropLast(40)), "it is no JSON object with a \"schema\""),
        (
            "newer", golden.replacing("memory/1", with: "memory/2"),
            "its schema is \"failoverd.memory/2\", and this version reads \"failoverd.memory/1\""
        ),
        (
            "foreign", "{\"schema\": \"other\"}",
            "its schema is \"other\", and this version reads \"failoverd.memory/1\""
        ),
        (
            "incomplete", golden.replacing("\"active\" : \"eu-west\",", with: ""),
            "it does not follow its schema: routes.chat.active is missing"
        ),
        (
            "with a wrong time", golden.replacing("2026-11-22T11:54:31.250Z", with: "noon"),
            "it does not follow its schema: routes.chat.moves.Index 0: \"noon\" is no RFC 3339 time in UTC"
        ),
    ]

    @Test(arguments: unusable)
    func memoryThatCannotBeUsedIsSetAside(name: String, contents: String, reason: String) async throws {
        try await withTemporaryDirectory { directory async throws in
            try write(contents, to: directory.path("memory.json"))
            let store = MemoryStore(directory: directory.path)
            let kept = directory.path("memory.json.bad-1")
            #expect(store.load(clock: noon) == .setAside(path: kept, reason: reason))
            #expect(try text(at: kept) == contents)
            #expect(store.load(clock: noon) == .none)
            try store.save(Self.memory, clock: noon)
            #expect(store.load(clock: noon) == .memory(Self.memory))
        }
    }

    @Test func aDirectoryInItsPlaceIsSetAside() async throws {
        try await withTemporaryDirectory { directory async throws in
            mkdir(directory.path("memory.json"), 0o755)
            let store = MemoryStore(directory: directory.path)
            let reason = "cannot read \(directory.path("memory.json")): Is a directory (EISDIR)"
            #expect(store.load(clock: noon) == .setAside(path: directory.path("memory.json.bad-1"), reason: reason))
            try store.save(Self.memory, clock: noon)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func aPipeInItsPlaceHoldsNobodyUp() async throws {
        try await withTemporaryDirectory { directory async throws in
            mkfifo(directory.path("memory.json"), 0o600)
            let reason = "cannot read \(directory.path("memory.json")): Invalid argument"
            #expect(
                MemoryStore(directory: directory.path).load(clock: noon)
                    == .setAside(path: directory.path("memory.json.bad-1"), reason: reason)
            )
        }
    }

    @Test func aFileThatIsFarTooLargeIsSetAside() async throws {
        try await withTemporaryDirectory { directory async throws in
            try write("", to: directory.path("memory.json"))
            truncate(directory.path("memory.json"), 17 * 1024 * 1024)
            #expect(
                MemoryStore(directory: directory.path).load(clock: noon)
                    == .setAside(path: directory.path("memory.json.bad-1"), reason: "it is larger than 16777216 bytes")
            )
        }
    }

    @Test func onlyTheLastThreeUnusableFilesAreKept() async throws {
        try await withTemporaryDirectory { directory async throws in
            let store = MemoryStore(directory: directory.path)
            for number in 1...5 {
                try write("bad \(number)", to: directory.path("memory.json"))
                _ = store.load(clock: noon)
            }
            #expect(try names(at: directory.path) == ["memory.json.bad-3", "memory.json.bad-4", "memory.json.bad-5"])
            #expect(try text(at: directory.path("memory.json.bad-5")) == "bad 5")
        }
    }

    @Test func whatACrashLeftHalfWrittenIsRemoved() async throws {
        try await withTemporaryDirectory { directory async throws in
            try write(Self.golden, to: directory.path("memory.json"))
            try write("{", to: directory.path(".memory.json.failoverd-1.1.tmp"))
            #expect(MemoryStore(directory: directory.path).load(clock: noon) == .memory(Self.memory))
            #expect(try names(at: directory.path) == ["memory.json"])
        }
    }

    @Test func aMissingDirectoryIsNoMemoryAndCannotBeWritten() {
        let store = MemoryStore(directory: "/nowhere/at/all")
        #expect(store.load(clock: noon) == .none)
        #expect(throws: FileError(path: "/nowhere/at/all/memory.json", operation: .open, errno: ENOENT)) {
            try store.save(Self.memory, clock: noon)
        }
    }
}
