import FailoverCore
import FailoverPublish
import FailoverWire
import Foundation
import Testing

@Suite struct DocumentationTests {
    @Test func theExampleOfTheStateFileIsOne() throws {
        let page = try text(at: repository("docs/state-file.md"))
        let example = try #require(
            page.components(separatedBy: "```json\n").last?.components(separatedBy: "\n```").first
        )
        let document = try Wire.decode(StateDocument.self, from: Data(example.utf8))
        #expect(String(decoding: try Wire.encodePretty(document), as: UTF8.self) == example)
    }

    @Test func everyFieldOfTheStateFileIsExplained() throws {
        let page = try text(at: repository("docs/state-file.md"))
        let parts = page.components(separatedBy: "```json\n")
        let explained = Set(
            parts[0].matches(of: /`\.?([A-Za-z0-9_.]+)`/).flatMap { $0.1.split(separator: ".").map(String.init) }
        )
        // Objects whose keys are names, and names.
        let names = [
            "eu-west", "us-east", "us-east-a", "chat", "weight_hint", "routes", "endpoints", "indicators", "default",
            "local_resolver",
        ]
        let used = Set(parts[1].matches(of: /"([a-z0-9_-]+)" :/).map { String($0.1) }).subtracting(names)
        #expect(used.subtracting(explained) == [])
    }

    @Test func theTableOfEventsNamesEachKindItsIdentifierAndPriority() throws {
        let page = try text(at: repository("docs/journal.md"))
        for kind in EventKind.allCases {
            let row =
                "| `\(kind.rawValue)` | `\(MessageID.of(kind))` | \(JournalEntry(document(move(kind))).priority.rawValue) "
            #expect(page.contains(row), "\(row)")
        }
    }

    /// Whoever is woken finds the event that woke them.
    @Test func theRunbookHasARowForEachKindOfEvent() throws {
        let rows = try text(at: repository("docs/operations.md")).split(separator: "\n").filter { $0.hasPrefix("| `") }
        let firstCells = rows.compactMap { $0.split(separator: "|").first }.joined()
        #expect(EventKind.allCases.map(\.rawValue).filter { !firstCells.contains("`\($0)`") } == [])
    }
}
