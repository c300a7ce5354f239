import FailoverConfig
import FailoverCore
import Foundation
import Testing

@Suite struct DocumentTests {
    private func refusal(ofBytes bytes: [UInt8]) -> String {
        do {
            _ = try ConfigurationLoader.load(bytes: bytes, file: "config.yaml")
            return "accepted"
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("version: 1\nx: \"a\0b\"\n", "config.yaml:2: found a NUL byte, allowed: printable text"),
        ("version: 1\n# \u{1}\n", "config.yaml:2: found the control character 0x1, allowed: printable text"),
        ("", "config.yaml: found an empty file, allowed: a mapping with version: 1"),
        ("\n\n# nothing\n", "config.yaml: found an empty file, allowed: a mapping with version: 1"),
        ("---\n", "config.yaml:2: found nothing, allowed: a mapping that begins with version: 1"),
        ("42", "config.yaml:1: found a number, allowed: a mapping that begins with version: 1"),
        ("a: *b\n", "config.yaml:1: found a syntax error (found undefined alias), allowed: YAML"),
    ])
    func unreadableTextIsRefused(text: String, expected: String) {
        #expect(refusal(ofBytes: Array(text.utf8)) == expected)
    }

    @Test func otherEncodingIsRefusedWithItsLine() {
        let expected = "config.yaml:2: found bytes that are not UTF-8, allowed: text in UTF-8"
        #expect(refusal(ofBytes: Array("version: 1\n# caf".utf8) + [0xe9] + Array("\n".utf8)) == expected)
    }

    @Test func byteOrderMarkAndLineBreaksOfOtherSystemsAreAccepted() throws {
        let yaml = try Fixtures.text("good/minimal.yaml")
        let changed = "\u{feff}" + yaml.replacing("\n", with: "\r\n")
        #expect(try load(changed).configuration == load(yaml).configuration)
    }

    @Test func fileOverTheBoundIsRefused() throws {
        let yaml = try Fixtures.text("good/minimal.yaml")
        let fill = String(repeating: "#", count: 1_048_576 - yaml.utf8.count)
        #expect(refusals(yaml + fill) == [])
        #expect(
            refusals(yaml + fill + "#") == [
                "config.yaml: found more than 1,048,576 bytes, allowed: at most 1,048,576 bytes"
            ]
        )
    }

    /// Nine levels of nine aliases stand for 387 million values; comparing them as keys would take hours.
    @Test(arguments: ["", "? *i\n: x\n"])
    func bombOfAliasesIsRefusedAtOnce(key: String) {
        var yaml = "a: &a [x, x, x, x, x, x, x, x, x]\n"
        for (name, previous) in zip("bcdefghi", "abcdefgh") {
            let aliases = Array(repeating: "*\(previous)", count: 9).joined(separator: ", ")
            yaml += "\(name): &\(name) [\(aliases)]\n"
        }
        #expect(
            refusals(yaml + key) == [
                "config.yaml: found \(key.isEmpty ? 72 : 73) aliases, allowed: none "
                    + "(write the settings out, or put what repeats under defaults)"
            ]
        )
    }

    @Test func everyAnchorAndAliasIsTold() {
        let hint = "(write the settings out, or put what repeats under defaults)"
        #expect(
            refusals("a: &x 1\nb: *x\n") == [
                "config.yaml:1: a: found an anchor or alias, allowed: plain values \(hint)",
                "config.yaml:2: b: found an anchor or alias, allowed: plain values \(hint)",
            ]
        )
    }

    @Test func textThatOnlyLooksLikeAliasesIsAccepted() throws {
        let words = String(repeating: "*bold* ", count: 40)
        _ = try load(file(probe: "slo: { latency: { p99: 3s } }, body: \"\(words)\""))
    }

    @Test func deepNestingIsRefused() {
        let yaml = "a: " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        let path = "a" + String(repeating: "[0]", count: 32)
        #expect(refusals(yaml) == ["config.yaml:1: \(path): found deeper nesting, allowed: at most 32 levels"])
        let deeper = String(repeating: "[", count: 200_000)
        #expect(refusals(deeper).count == 1)
    }

    @Test func errorsAreToldUpToABound() {
        let keys = (1...250).map { "x\($0): 1\n" }.joined()
        let told = refusals("version: 1\n\(keys)endpoints: {}\nroutes: {}\n")
        #expect(told.count == 101)
        #expect(told.last == "and 152 more")
    }

    @Test func filesAreReadWithTheirPathAsPlace() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "failoverd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "c.yaml").path
        func told(_ path: String) -> String {
            do {
                _ = try ConfigurationLoader.load(path: path)
                return "accepted"
            } catch {
                return error.description
            }
        }
        #expect(
            told(path)
                == "\(path): found an error while reading: No such file or directory, allowed: a readable file"
        )
        #expect(told(folder.path) == "\(folder.path): found no regular file, allowed: a readable file")
        #expect(mkfifo(path + ".fifo", 0o600) == 0)
        #expect(told(path + ".fifo") == "\(path).fifo: found no regular file, allowed: a readable file")
        let yaml = try Fixtures.text("good/minimal.yaml")
        try Data(yaml.replacing("version: 1", with: "version: 2").utf8).write(to: URL(filePath: path))
        #expect(told(path) == "\(path):1: version: found 2, allowed: 1")
        try Data(count: 1_048_577).write(to: URL(filePath: path))
        #expect(told(path) == "\(path): found more than 1,048,576 bytes, allowed: at most 1,048,576 bytes")
        try Data(yaml.utf8).write(to: URL(filePath: path))
        #expect(told(path) == "accepted")
    }

    @Test func certificatesAreReadAtLoad() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "failoverd-\(UUID().uuidString).pem").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n".utf8).write(to: URL(filePath: path))
        let probe = "slo: { latency: { p99: 3s } }, tls: { ca_file: \"\(path)\" }"
        let loaded = try load(file(url: "https://127.0.0.1/v1", probe: probe))
        guard case .http(let request) = loaded.configuration.endpoints[0].probes[0].request else {
            Issue.record("no http probe")
            return
        }
        #expect(request.tls == TLSSettings(caFile: path))
        #expect(
            try load(file(probe: probe)).warnings.map(\.description) == [
                "config.yaml:4: endpoints.a.probe.tls: has no effect: the URL is plain http://"
            ]
        )
    }
}
