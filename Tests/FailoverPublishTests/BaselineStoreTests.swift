import FailoverCore
import FailoverPublish
import FailoverWire
import Foundation
import TestSupport
import Testing

@Suite struct BaselineStoreTests {
    private static let baselines: [EndpointName: [BaselineMemory]] = [
        "us-east": [
            BaselineMemory(
                indicator: IndicatorName(probe: .default, kind: .latency),
                digest: 0xF00,
                since: .seconds(-85_400),
                learnedAt: .seconds(400),
                bad: [3, 0, 0, 1.5, 0, 2, 0, 0, 0, 0, 0],
                expected: [4.25, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            )
        ]
    ]

    /// What version 1 of the schema looks like on disk; it must be readable for ever.
    private static let golden =
        #"{"endpoints":{"us-east":[{"bad":[3,0,0,1.5,0,2,0,0,0,0,0],"digest":"f00","#
        + #""expected":[4.25,0.5,0,0,0,0,0,0,0,0,0],"indicator":"latency","#
        + #""learned_at":"2026-11-22T11:54:31.250Z","since":"2026-11-21T12:04:31.250Z"}]},"#
        + #""schema":"failoverd.baselines/1","written_at":"2026-11-22T12:04:31.250Z"}"# + "\n"

    @Test func baselinesAreWrittenAsTheGoldenFileAndReadBack() async throws {
        try await withTemporaryDirectory { directory async throws in
            let store = BaselineStore(directory: directory.path)
            #expect(store.load(clock: noon) == .none)
            try store.save(Self.baselines, clock: noon)
            #expect(try text(at: directory.path("baselines.json")) == Self.golden)
            #expect(try mode(of: directory.path("baselines.json")) == 0o640)
            #expect(store.load(clock: noon) == .baselines(Self.baselines))
            #expect(try names(at: directory.path) == ["baselines.json"])
        }
    }

    static let unusable: [(name: String, contents: String, reason: String)] = [
        ("empty", "", "it is empty"),
        ("damaged", "\u{0}\u{0}\u{0}", "it is no JSON object with a \"schema\""),
        ("truncated", String(golden.dropLast(40)), "it is no JSON object with a \"schema\""),
        (
            "newer", golden.replacing("baselines/1", with: "baselines/2"),
            "its schema is \"failoverd.baselines/2\", and this version reads \"failoverd.baselines/1\""
        ),
        (
            "foreign", "{\"schema\": \"other\"}",
            "its schema is \"other\", and this version reads \"failoverd.baselines/1\""
        ),
        (
            "incomplete", golden.replacing("\"digest\":\"f00\",", with: ""),
            "it does not follow its schema: endpoints.us-east.Index 0.digest is missing"
        ),
        (
            "too short", golden.replacing("[3,0,", with: "[3,"),
            "it does not follow its schema: endpoints.us-east[0].bad is a list of 10, and must be a list of 11 numbers"
        ),
        (
            "negative", golden.replacing("4.25", with: "-4.25"),
            "it does not follow its schema: endpoints.us-east[0].expected[0] is -4.25, and must be a number from 0 to a billion"
        ),
        (
            "enormous", golden.replacing("1.5", with: "2e9"),
            "it does not follow its schema: endpoints.us-east[0].bad[3] is 2000000000.0, and must be a number from 0 to a billion"
        ),
    ]

    @Test(arguments: unusable)
    func whatCannotBeUsedIsSetAside(name: String, contents: String, reason: String) async throws {
        try await withTemporaryDirectory { directory async throws in
            try write(contents, to: directory.path("baselines.json"))
            try write("what was set aside before", to: directory.path("baselines.json.bad"))
            let store = BaselineStore(directory: directory.path)
            let kept = directory.path("baselines.json.bad")
            #expect(store.load(clock: noon) == .setAside(path: kept, reason: reason))
            #expect(try text(at: kept) == contents)
            #expect(store.load(clock: noon) == .none)
            try store.save(Self.baselines, clock: noon)
            #expect(store.load(clock: noon) == .baselines(Self.baselines))
        }
    }

    @Test func aFileThatIsFarTooLargeIsSetAside() async throws {
        try await withTemporaryDirectory { directory async throws in
            try write("", to: directory.path("baselines.json"))
            truncate(directory.path("baselines.json"), 65 * 1024 * 1024)
            #expect(
                BaselineStore(directory: directory.path).load(clock: noon)
                    == .setAside(
                        path: directory.path("baselines.json.bad"),
                        reason: "it is larger than 67108864 bytes"
                    )
            )
        }
    }

    @Test func whatACrashLeftHalfWrittenIsRemoved() async throws {
        try await withTemporaryDirectory { directory async throws in
            try write(Self.golden, to: directory.path("baselines.json"))
            try write("{", to: directory.path(".baselines.json.failoverd-1.1.tmp"))
            #expect(BaselineStore(directory: directory.path).load(clock: noon) == .baselines(Self.baselines))
            #expect(try names(at: directory.path) == ["baselines.json"])
        }
    }

    @Test func aDirectoryThatIsGoneIsAnErrorThatNamesTheFile() async throws {
        try await withTemporaryDirectory { directory async throws in
            let store = BaselineStore(directory: directory.path("gone"))
            #expect(store.load(clock: noon) == .none)
            #expect(throws: FileError(path: directory.path("gone/baselines.json"), operation: .open, errno: ENOENT)) {
                try store.save(Self.baselines, clock: noon)
            }
        }
    }
}
