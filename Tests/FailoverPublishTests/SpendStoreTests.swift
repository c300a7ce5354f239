import FailoverCore
import FailoverPublish
import FailoverWire
import Foundation
import TestSupport
import Testing

@Suite struct SpendStoreTests {
    private static let memory = SpendMemory(days: [
        SpendMemory.Day(
            day: 20_779,
            endpoints: [
                SpendMemory.Line(name: "us-east", used: SpendTotal(cost: Money(picos: 82_500_000), tokens: 27))
            ]
        )
    ])

    /// What version 1 of the schema looks like on disk; it must be readable for ever.
    private static let golden = """
        {
          "days" : {
            "2026-11-22" : {
              "endpoints" : {
                "us-east" : {
                  "cost" : "0.0000825",
                  "tokens" : 27
                }
              },
              "others" : {
                "cost" : "0",
                "tokens" : 0
              }
            }
          },
          "schema" : "failoverd.spend/1",
          "written_at" : "2026-11-22T12:04:31.250Z"
        }

        """

    @Test func spendingIsWrittenAsTheGoldenFileAndReadBack() async throws {
        try await withTemporaryDirectory { directory async throws in
            let store = SpendStore(directory: directory.path)
            #expect(store.load() == .none)
            try store.save(Self.memory, at: noon.wall)
            #expect(try text(at: directory.path("spend.json")) == Self.golden)
            #expect(try mode(of: directory.path("spend.json")) == 0o640)
            #expect(store.load() == .memory(Self.memory))
            #expect(try names(at: directory.path) == ["spend.json"])
        }
    }

    static let unusable: [(name: String, contents: String, reason: String)] = [
        ("empty", "", "it is empty"),
        ("damaged", "\u{0}\u{0}\u{0}", "it is no JSON object with a \"schema\""),
        ("truncated", String(golden.dropLast(40)), "it is no JSON object with a \"schema\""),
        (
            "newer", golden.replacing("spend/1", with: "spend/2"),
            "its schema is \"failoverd.spend/2\", and this version reads \"failoverd.spend/1\""
        ),
        (
            "incomplete", golden.replacing(",\n          \"tokens\" : 27", with: ""),
            "it does not follow its schema: days.2026-11-22.endpoints.us-east.tokens is missing"
        ),
        (
            "with an impossible amount", golden.replacing("0.0000825", with: "-1"),
            "it does not follow its schema: days.2026-11-22.endpoints.us-east.cost is \"-1\", and must be an amount of at most "
                + "12 decimals, 0 or more"
        ),
        (
            "with an impossible day", golden.replacing("2026-11-22\" :", with: "2026-11-31\" :"),
            "it does not follow its schema: days is \"2026-11-31\", and must be a day such as 2026-11-22"
        ),
    ]

    @Test(arguments: unusable)
    func whatCannotBeUsedIsSetAside(name: String, contents: String, reason: String) async throws {
        try await withTemporaryDirectory { directory async throws in
            try write(contents, to: directory.path("spend.json"))
            try write("what was set aside before", to: directory.path("spend.json.bad"))
            let store = SpendStore(directory: directory.path)
            let kept = directory.path("spend.json.bad")
            #expect(store.load() == .setAside(path: kept, reason: reason))
            #expect(try text(at: kept) == contents)
            #expect(store.load() == .none)
            try store.save(Self.memory, at: noon.wall)
            #expect(store.load() == .memory(Self.memory))
        }
    }

    @Test func aFileThatIsFarTooLargeIsSetAside() async throws {
        try await withTemporaryDirectory { directory async throws in
            try write("", to: directory.path("spend.json"))
            truncate(directory.path("spend.json"), 17 * 1024 * 1024)
            #expect(
                SpendStore(directory: directory.path).load()
                    == .setAside(path: directory.path("spend.json.bad"), reason: "it is larger than 16777216 bytes")
            )
        }
    }

    @Test func aDirectoryThatIsGoneIsAnErrorThatNamesTheFile() async throws {
        try await withTemporaryDirectory { directory async throws in
            let store = SpendStore(directory: directory.path("gone"))
            #expect(store.load() == .none)
            #expect(throws: FileError(path: directory.path("gone/spend.json"), operation: .open, errno: ENOENT)) {
                try store.save(Self.memory, at: noon.wall)
            }
        }
    }
}
