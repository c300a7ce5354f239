import Foundation

/// Something in a file that the project does not allow.
struct Finding: Hashable, CustomStringConvertible {
    let line: Int
    let rule: String

    var description: String { "line \(line): \(rule)" }
}

/// What any source of the project may not contain.
enum CommonRules {
    /// Longest file, in lines.
    static let maximumLines = 400

    static func findings(in source: String) -> [Finding] {
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        var findings: [Finding] = []
        if lines.count > maximumLines + 1 {
            findings.append(Finding(line: lines.count, rule: "over \(maximumLines) lines"))
        }
        for (index, line) in lines.enumerated() where line.contains(/TODO|FIXME/) {
            findings.append(Finding(line: index + 1, rule: "unfinished work"))
        }
        return findings + unsafeCode(in: source, lines: lines) + personalPaths(in: source)
    }

    private static func unsafeCode(in source: String, lines: [Substring]) -> [Finding] {
        // Most files have none of them, and reading a file as code takes a while.
        guard ["try!", "fatalError", "@unchecked", "nonisolated(unsafe)"].contains(where: source.contains) else {
            return []
        }
        let code = SwiftText.code(of: source).split(separator: "\n", omittingEmptySubsequences: false)
        return code.enumerated().compactMap { index, line in
            if line.contains("try!") { return Finding(line: index + 1, rule: "try!") }
            if line.contains(/fatalError\s*\(/) { return Finding(line: index + 1, rule: "fatalError") }
            guard line.contains("@unchecked") || line.contains("nonisolated(unsafe)"),
                !hasProof(above: index, in: lines)
            else { return nil }
            return Finding(line: index + 1, rule: "unchecked concurrency without a proof in a comment")
        }
    }

    /// Places that exist on one developer's machine only.
    static func personalPaths(in text: String) -> [Finding] {
        guard ["/work/", "/home/", "/Users/", "/root/"].contains(where: text.contains) else { return [] }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().compactMap { index, line in
            line.contains(/(^|[\s"'(=:`])\/(work|home|Users|root)\/\w/)
                ? Finding(line: index + 1, rule: "a path of somebody's machine") : nil
        }
    }

    /// A comment on the lines right above, attributes and the like aside.
    private static func hasProof(above index: Int, in lines: [Substring]) -> Bool {
        for line in lines[..<index].reversed() {
            let text = line.drop { $0.isWhitespace }
            if text.starts(with: "//") { return true }
            if !text.starts(with: "@") { return false }
        }
        return false
    }
}

/// What the pure core may not contain: whatever makes two runs on the same inputs differ, or waits.
enum CoreRules {
    private static let allowedImports: Set<String> = ["RealModule"]

    /// Words that are clocks, tasks, locks, I/O, or differ from process to process.
    private static let bannedWords = [
        "async", "await", "actor", "Task", "TaskGroup", "withTaskGroup", "AsyncStream", "ContinuousClock",
        "SuspendingClock",
        "clock_gettime", "gettimeofday", "Date", "DispatchQueue", "DispatchTime", "Thread", "pthread_create", "Mutex",
        "Atomic", "NSLock", "SystemRandomNumberGenerator", "arc4random", "drand48", "UUID", "ProcessInfo",
        "FileManager",
        "getenv", "print", "hashValue", "Hasher", "ObjectIdentifier",
    ]

    // Swift's own word boundaries are those of prose, where `name.hashValue` is one word.
    private static var importPattern: Regex<(Substring, Substring)> {
        /\bimport\s+(?:struct\s+|class\s+|enum\s+|func\s+)?(\w+)/.wordBoundaryKind(.simple)
    }
    private static var wordPattern: Regex<Substring> { /\b[A-Za-z_]\w*/.wordBoundaryKind(.simple) }

    /// - Parameters:
    ///   - source: Swift.
    ///   - imports: What it may import besides.
    /// - Returns: What it may not contain.
    static func findings(in source: String, allowing imports: Set<String> = []) -> [Finding] {
        let code = SwiftText.code(of: source)
        let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
        let unordered = unorderedNames(in: code)
        var findings: [Finding] = []
        for (index, line) in lines.enumerated() {
            func find(_ rule: String) { findings.append(Finding(line: index + 1, rule: rule)) }
            if let match = line.firstMatch(of: importPattern),
                !allowedImports.contains(String(match.1)), !imports.contains(String(match.1))
            {
                find("import of \(match.1)")
            }
            for match in line.matches(of: wordPattern) where bannedWords.contains(String(match.0)) {
                // A label or a member of that name is no use of it.
                let isMember = line[..<match.range.lowerBound].last == "." && match.0 != "hashValue"
                let isLabel = line[match.range.upperBound...].first == ":"
                // Taking part in hashing is no use of a random seed; making a hasher is.
                let isParameter = line[..<match.range.lowerBound].hasSuffix("inout ")
                if !isMember, !isLabel, !isParameter { find(String(match.0)) }
            }
            for name in unordered where iterates(line, over: name) { find("order of \(name), which has none") }
        }
        return findings + unseededRandomness(in: code)
    }

    /// Names that are declared as dictionaries or sets anywhere in the file.
    static func unorderedNames(in code: String) -> [String] {
        let declarations = [
            /\b(?:var|let)\s+(\w+)\s*:\s*\[[^\[\]()]*(?:\[[^\[\]()]*\])?[^\[\]()]*:[^\]]*\]/,
            /\b(?:var|let)\s+(\w+)\s*:\s*(?:Set|Dictionary)\s*</,
            /\b(?:var|let)\s+(\w+)\s*=\s*(?:Set|Dictionary)\s*[<(]/,
            /\b(?:var|let)\s+(\w+)\s*=\s*\[\s*:\s*\]/,
        ]
        return declarations.flatMap { code.matches(of: $0.wordBoundaryKind(.simple)).map { String($0.1) } }
    }

    private static func iterates(_ line: Substring, over name: String) -> Bool {
        let uses = [
            #"\bin\s+(?:self\.|\w+\.)*"# + name + #"(?:\.(?:keys|values|enumerated\(\)))?\s*(?:where\b|\{|$)"#,
            #"\b"# + name
                + #"\.(?:keys|values|map|compactMap|flatMap|filter|forEach|reduce|first|enumerated|makeIterator)\b"#,
            #"\bArray\(\s*(?:self\.)?"# + name + #"\b"#,
        ]
        return uses.contains { pattern in line.range(of: pattern, options: .regularExpression) != nil }
    }

    private static func unseededRandomness(in code: String) -> [Finding] {
        code.matches(of: /\.(random|shuffled|shuffle|randomElement)\s*\(/).compactMap { match in
            let arguments = argumentList(of: code[match.range.upperBound...])
            guard !arguments.contains("using:") else { return nil }
            let line = code[..<match.range.lowerBound].count { $0 == "\n" } + 1
            return Finding(line: line, rule: "\(match.1) without a seed")
        }
    }

    private static func argumentList(of text: Substring) -> Substring {
        var depth = 1
        return text.prefix { character in
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            return depth > 0
        }
    }
}
