import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Files that are rendered from decisions.
    @Suite struct OutputTests {
        /// One line that says where the route goes.
        private static let line = "{{#route.main}}main={{active.name}} {{#order}}{{name}},{{/order}}\n{{/route.main}}"

        private static func setup(
            _ regions: Regions,
            _ stage: Stage,
            _ more: String,
            source: String = line
        ) throws -> Setup {
            try stage.write(source, to: "main.mustache")
            var setup = Setup(regions.endpoints(["a", "b"]))
            let directory = stage.directory.path("")
            setup.outputs =
                "templates: [{ source: \(directory)main.mustache, destination: \(directory)out/main.conf\(more) }]"
            try FileManager.default.createDirectory(
                atPath: stage.directory.path("out"),
                withIntermediateDirectories: true
            )
            return setup
        }

        private static func content(_ stage: Stage) -> String {
            (try? String(contentsOfFile: stage.directory.path("out/main.conf"), encoding: .utf8)) ?? "nothing"
        }

        /// How the only output stands.
        private static func output(_ stage: Stage) throws -> StateDocument.Output? {
            try stage.status().outputs?[stage.directory.path("out/main.conf")]
        }

        private static func isFailing(_ code: String, _ stage: Stage) async throws {
            try await condition("the output says \(code)") { try output(stage)?.failure?.code == code }
            try await isTold(code, stage)
            #expect(stage.said().contains("OUTPUT "))
            #expect(try stage.ctl("status").standardOutput.contains("out/main.conf fails since"))
        }

        /// An event is logged after it was shown.
        private static func isTold(_ code: String, _ stage: Stage) async throws {
            try await condition("\(code) is told") {
                let last = try stage.transitions().last { $0.event == "output" }
                return last?.reason.code == code && last?.output == stage.directory.path("out/main.conf")
            }
        }

        /// The daemon decides whatever becomes of its outputs.
        private static func failsOver(_ regions: Regions, _ stage: Stage) async throws {
            try regions.fault("a", #"{"status": 503}"#)
            try await stage.active("b")
        }

        @Test func aFileFollowsTheDecisionAndItsReaderIsTold() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                let told = stage.directory.path("told")
                let more = """
                    , mode: "0640", \
                    check: [/bin/sh, -c, 'grep -q ^main= "$FAILOVERD_CANDIDATE" && test "$1" = {candidate}', x, "{candidate}"], \
                    reload: [/bin/sh, -c, 'cat {destination} >>\(told); env >\(told).env']
                    """
                try stage.configure(try Self.setup(regions, stage, more))
                _ = try await stage.runDaemon(environment: ["SECRET_OF_OURS": "hush"])
                try await stage.allHealthy()
                try await condition("the file is there") { Self.content(stage).hasPrefix("main=a a,b,") }
                try await Self.failsOver(regions, stage)
                try await condition("the file follows") { Self.content(stage).hasPrefix("main=b b,") }
                try await condition("it is told") {
                    try Self.output(stage)?.state == "current"
                        && Self.output(stage)?.generation == stage.state().generation
                }
                let attributes = try FileManager.default.attributesOfItem(atPath: stage.directory.path("out/main.conf"))
                #expect(attributes[.posixPermissions] as? Int == 0o640)
                #expect(
                    try FileManager.default.contentsOfDirectory(atPath: stage.directory.path("out")) == ["main.conf"]
                )
                #expect(try String(contentsOfFile: told, encoding: .utf8).hasSuffix(Self.content(stage)))
                let names = try String(contentsOfFile: told + ".env", encoding: .utf8).split(separator: "\n")
                    .compactMap { $0.split(separator: "=").first.map(String.init) }
                #expect(
                    Set(names).isSubset(of: [
                        "PATH", "FAILOVERD_DESTINATION", "FAILOVERD_GENERATION", "PWD", "SHLVL", "_",
                    ])
                )
                #expect(try stage.transitions().filter { $0.event == "output" } == [])
                #expect(try stage.curl("/metrics").contains("out/main.conf\",state=\"current\"} 1"))
            }
        }

        @Test func aCheckThatFailsKeepsTheOldFile() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                let more =
                    #", check: [/bin/sh, -c, 'echo "wrong: $(cat "$1")" >&2; ! grep -q main=b "$1"', x, "{candidate}"]"#
                try stage.configure(try Self.setup(regions, stage, more))
                _ = try await stage.runDaemon()
                try await stage.allHealthy()
                try await condition("the file is there") { Self.content(stage).hasPrefix("main=a a,b,") }
                try await Self.failsOver(regions, stage)
                try await Self.isFailing("output_check_failed", stage)
                #expect(Self.content(stage).hasPrefix("main=a "))
                #expect(try Self.output(stage)?.failure?.text == "/bin/sh failed with exit code 1: wrong: main=b b,")
                try regions.heal("a")
                try await stage.active("a")
                try await condition("the file is right again") { try Self.output(stage)?.state == "current" }
                try await Self.isTold("output_recovered", stage)
            }
        }

        @Test func aDestinationThatCannotBeWrittenIsTold() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                try stage.configure(try Self.setup(regions, stage, ""))
                try FileManager.default.removeItem(atPath: stage.directory.path("out"))
                _ = try await stage.runDaemon()
                try await Self.isFailing("output_write_failed", stage)
                try await stage.allHealthy()
                try await Self.failsOver(regions, stage)
                try FileManager.default.createDirectory(
                    atPath: stage.directory.path("out"),
                    withIntermediateDirectories: true
                )
                try await condition("the file is there") { Self.content(stage).hasPrefix("main=b b,") }
            }
        }

        @Test func aReloadThatHangsIsEndedWithAllThatItStarted() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                let child = stage.directory.path("child")
                let more =
                    ", timeout: 300ms, reload: [/bin/sh, -c, 'trap \"\" TERM; sleep 20 & echo $! >\(child); wait; wait; sleep 20']"
                try stage.configure(try Self.setup(regions, stage, more))
                _ = try await stage.runDaemon()
                try await Self.isFailing("output_reload_failed", stage)
                try await stage.allHealthy()
                try await Self.failsOver(regions, stage)
                try await condition("the file follows all the same") { Self.content(stage).hasPrefix("main=b b,") }
                // Each attempt writes the file anew, so that it is empty for a moment.
                @Sendable func started() -> Substring? {
                    (try? String(contentsOfFile: child, encoding: .utf8))?.split(separator: "\n").first
                }
                try await condition("the command has started another") { started() != nil }
                let process = started() ?? "none"
                try await condition("what the command started is gone") {
                    let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
                    return status.map { $0.contains(") Z ") } ?? true
                }
                #expect(try Self.output(stage)?.failure?.text.contains("did not end within") == true)
            }
        }

        @Test func aBrokenTemplateIsRefusedAndTheOneThatWasReadGoesOn() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                let setup = try Self.setup(regions, stage, "")
                try stage.configure(setup)
                _ = try await stage.runDaemon()
                try await stage.allHealthy()
                try await condition("the file is there") { Self.content(stage).hasPrefix("main=a a,b,") }
                try stage.write("ok\n  {{#routes}}{{nam}}{{/routes}}", to: "main.mustache")
                let reload = try stage.ctl("reload")
                #expect(reload.status == 78)
                let words = "outputs.templates[0].source: found \"\(stage.directory.path("main.mustache"))\""
                #expect(reload.standardError.contains(words), "\(reload.standardError)")
                #expect(reload.standardError.contains("line 2, column 14"), "\(reload.standardError)")
                try await Self.isFailing("template_invalid", stage)
                try await Self.failsOver(regions, stage)
                try await condition("the file follows") { Self.content(stage).hasPrefix("main=b b,") }
                try stage.write("new {{route.main.active.name}}\n", to: "main.mustache")
                #expect(try stage.ctl("reload").status == 0)
                try await condition("the new template counts") { Self.content(stage) == "new b\n" }
                try await condition("it is over") { try Self.output(stage)?.state == "current" }
                try await Self.isTold("output_recovered", stage)
                // A daemon that is started on a broken one says where, and ends.
                try stage.write("{{#routes}}", to: "main.mustache")
                #expect(try stage.ctl("check", stage.configurationFile).status == 78)
            }
        }

        @Test func aReaderThatWasNotToldBeforeACrashIsToldAfterIt() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                let told = stage.directory.path("told")
                let more =
                    ", timeout: 100s, reload: [/bin/sh, -c, 'echo x >>\(told); until test -e \(told).go; do sleep 0.1; done']"
                try stage.configure(try Self.setup(regions, stage, more))
                let daemon = try await stage.runDaemon()
                try await condition("it is being told") { FileManager.default.fileExists(atPath: told) }
                daemon.send(SIGKILL)
                _ = try await daemon.ending()
                try stage.write("", to: "told.go")
                let second = try await stage.runDaemon()
                try await condition("it was told") { try Self.output(stage)?.state == "current" }
                let lines = try String(contentsOfFile: told, encoding: .utf8).count(where: { $0 == "\n" })
                #expect(lines >= 2)
                second.send(SIGTERM)
                #expect(try await second.ending() == .exit(0))
            }
        }
    }
}
