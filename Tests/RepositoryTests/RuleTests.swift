import Testing

@Suite("The scanner finds what it looks for")
struct RuleTests {
    @Test(arguments: [
        ("import Foundation", "import of Foundation"),
        ("package import FoundationEssentials", "import of FoundationEssentials"),
        ("@preconcurrency import NIOCore", "import of NIOCore"),
        ("import struct Glibc.timespec", "import of Glibc"),
        ("import Dispatch", "import of Dispatch"),
        ("import Synchronization", "import of Synchronization"),
        ("let now = ContinuousClock.now", "ContinuousClock"),
        ("let now = SuspendingClock().now", "SuspendingClock"),
        ("let now = Date()", "Date"),
        ("let now = Date.now", "Date"),
        ("Task { }", "Task"),
        ("func f() async {}", "async"),
        ("let x = await f()", "await"),
        ("actor Counter {}", "actor"),
        ("print(1)", "print"),
        ("let bucket = name.hashValue", "hashValue"),
        ("var random = SystemRandomNumberGenerator()", "SystemRandomNumberGenerator"),
        ("let x = Int.random(in: 0..<5)", "random without a seed"),
        ("let x = Double.random(\n    in: f(1)..<2\n)", "random without a seed"),
        ("let x = list.shuffled()", "shuffled without a seed"),
        ("list.shuffle()", "shuffle without a seed"),
        ("let x = list.randomElement()", "randomElement without a seed"),
        ("let text = \"\\(Date())\"", "Date"),
    ])
    func impureCodeIsFound(code: String, rule: String) {
        #expect(CoreRules.findings(in: code).map(\.rule).contains(rule))
    }

    @Test(arguments: [
        "var index: [String: Int]\nfor (name, value) in index { use(name) }",
        "var index: [Name: [Int]] = [:]\nlet all = index.map { $0.key }",
        "let index = [:]\nlet all = self.index.keys",
        "var names: Set<Name> = []\nfor name in names where name.isGood {",
        "let names = Set(list)\nlet all = names.compactMap { $0 }",
        "private var names: Set<Name>\nfor name in self.names {",
        "var index: Dictionary<String, Int>\nlet x = index.values.first",
        "let names = Set<Int>()\nlet all = Array(names)",
        "var index: [Name: Int]\nlet x = index.reduce(0) { $0 + $1.value }",
    ])
    func theOrderOfWhatHasNoneIsFound(code: String) {
        #expect(CoreRules.findings(in: code).map { $0.rule.hasPrefix("order of") } == [true])
    }

    @Test(arguments: [
        "import RealModule",
        "let x = Double.random(in: 0..<1, using: &generator)",
        "let x = list.shuffled(using: &generator)",
        "// import Foundation; await Task",
        "/* Date() /* async */ print */ let x = 1",
        "let text = \"Task \\(name) awaits\"",
        "let text = #\"say \"await\" here\"#",
        "let text = \"\"\"\n    import Foundation\n    \"\"\"",
        "case interactor(Asynchronous)",
        "var index: [Name: Int]\nlet x = index[name]",
        "let names = Set(list)\nlet x = names.contains(name)",
        "var index: [Name: Int]\nlet x = index.sorted { $0.key < $1.key }",
        "let list: [Int]\nfor x in list {",
        "let pair: (Int, Int)\nlet at = heap.map { $0.at }",
    ])
    func pureCodeIsLeftAlone(code: String) {
        #expect(CoreRules.findings(in: code) == [])
    }

    @Test(arguments: [
        ("// TODO: later", "unfinished work"),
        ("let x = 1 // FIXME", "unfinished work"),
        ("let x = try! f()", "try!"),
        ("fatalError(\"no\")", "fatalError"),
        ("final class Box: @unchecked Sendable {", "unchecked concurrency without a proof in a comment"),
        ("nonisolated(unsafe) var x = 1", "unchecked concurrency without a proof in a comment"),
        ("let path = \"/home/somebody/x\"", "a path of somebody's machine"),
        ("// see /Users/somebody", "a path of somebody's machine"),
        ("/root/x", "a path of somebody's machine"),
    ])
    func commonRulesFire(code: String, rule: String) {
        #expect(CommonRules.findings(in: code) == [Finding(line: 1, rule: rule)])
    }

    @Test(arguments: [
        "/// The method that `try!` is.\nlet text = \"fatalError(x)\"",
        "// Sendable: every field is a constant.\nfinal class Box: @unchecked Sendable {",
        "// Only one thread ever reads it.\n@usableFromInline\nnonisolated(unsafe) var x = 1",
        "let path = \"/var/lib/failoverd\"\nlet other = \"https://example/home/x\"",
    ])
    func commonRulesLeaveTheRestAlone(code: String) {
        #expect(CommonRules.findings(in: code) == [])
    }

    @Test func aFileHasAtMostFourHundredLines() {
        let longest = String(repeating: "let x = 1\n", count: CommonRules.maximumLines)
        #expect(CommonRules.findings(in: longest) == [])
        #expect(CommonRules.findings(in: longest + "let y = 1\n").map(\.rule) == ["over 400 lines"])
    }

    @Test(arguments: [
        ("a // b\nc", "a     \nc"),
        ("a \"b\" c", "a     c"),
        ("\"\\(a)\" b", "   a   b"),
        ("\"\\(f(\"x\"))\"", "   f(   )  "),
        ("#\"\\(a)\"# b", "         b"),
        ("#\"\\#(a)\"#", "     a   "),
        ("\"\\\"\" a", "     a"),
        ("/*/**/*/a", "        a"),
    ])
    func onlyCodeIsLeft(source: String, code: String) {
        #expect(SwiftText.code(of: source) == code)
    }
}
