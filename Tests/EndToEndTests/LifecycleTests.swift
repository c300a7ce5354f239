import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct LifecycleTests {
        @Test func theServiceManagerIsToldEachStepAndADecisionSurvivesTheStop() async throws {
            try await withStage { stage in
                let manager = try ServiceManager(in: stage.directory)
                defer { manager.stop() }
                let regions = try await Regions.start(["a", "b"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a", "b"])))
                let environment = ["NOTIFY_SOCKET": manager.path]
                let first = try stage.startDaemon(environment: environment)
                try await condition("ready") { manager.count(of: "READY=1") == 1 }
                // Ready means that both are there.
                #expect(try stage.ctl("status").status == 0)
                #expect(try stage.state().routes.keys.sorted() == ["main"])
                try await stage.allHealthy()
                try regions.fault("a", #"{"status": 503}"#)
                let moved = try await stage.active("b")
                try await condition("the status line follows") {
                    manager.messages.contains { $0.hasPrefix("STATUS=main on b (failed over ") }
                }

                first.send(SIGHUP)
                try await condition("the reload is told") { manager.count(of: "READY=1") == 2 }
                let changing = ["STATUS=", "MONOTONIC_USEC=", "FDNAME="]
                let told = manager.messages.filter { message in !changing.contains { message.hasPrefix($0) } }
                #expect(told == ["FDSTORE=1", "READY=1", "RELOADING=1", "READY=1"])
                #expect(manager.messages.count { $0.hasPrefix("FDNAME=control-") } == 1)
                #expect(manager.messages.count { $0.hasPrefix("MONOTONIC_USEC=") } == 1)

                first.send(SIGTERM)
                #expect(try await first.ending() == .exit(0))
                try await condition("stopping is told") { manager.count(of: "STOPPING=1") == 1 }
                // Left for the next one; this manager keeps nothing behind it, so nobody answers.
                #expect(FileManager.default.fileExists(atPath: stage.place.socket))
                #expect(try stage.ctl("status").status == 69)
                #expect(try stage.state().routes["main"]?.active == "b")

                _ = try await stage.runDaemon(environment: environment)
                let next = try await stage.state("the next instance publishes") { $0.instance.id != moved.instance.id }
                #expect(next.generation == moved.generation)
                #expect(next.routes["main"]?.active == "b")
                let judged = try await stage.state("b is judged again") { $0.endpoints["b"]?.verdict == "healthy" }
                #expect(judged.routes["main"]?.active == "b")
                #expect(try stage.events().contains { $0.event == "failover" && $0.generation == moved.generation })
            }
        }

        @Test(arguments: [SIGTERM, SIGINT]) func aSignalEndsItWithoutAnError(_ signal: Int32) async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a"])))
                let daemon = try await stage.runDaemon()
                daemon.send(signal)
                #expect(try await daemon.ending() == .exit(0))
                #expect(!stage.said().contains("ERROR"))
            }
        }

        @Test func theWatchdogIsFedWhileItRunsAndNotWhileItHangs() async throws {
            try await withStage { stage in
                let manager = try ServiceManager(in: stage.directory)
                defer { manager.stop() }
                let regions = try await Regions.start(["a"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a"])))
                let environment = ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "600000"]
                let daemon = try await stage.runDaemon(environment: environment)
                try await condition("fed three times") { manager.count(of: "WATCHDOG=1") >= 3 }
                daemon.send(SIGSTOP)
                try await condition("it is stopped") {
                    let status = try String(contentsOfFile: "/proc/\(daemon.identifier)/stat", encoding: .utf8)
                    return status.split(separator: ")").last?.hasPrefix(" T") ?? false
                }
                // What was under way has arrived.
                try await Task.sleep(for: .milliseconds(200))
                let fed = manager.count(of: "WATCHDOG=1")
                try await Task.sleep(for: .seconds(2))
                #expect(manager.count(of: "WATCHDOG=1") == fed)
                daemon.send(SIGCONT)
                try await condition("fed again") { manager.count(of: "WATCHDOG=1") > fed }
            }
        }

        @Test func withoutAWatchdogNobodyIsFed() async throws {
            try await withStage { stage in
                let manager = try ServiceManager(in: stage.directory)
                defer { manager.stop() }
                let regions = try await Regions.start(["a"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a"])))
                _ = try await stage.runDaemon(environment: ["NOTIFY_SOCKET": manager.path])
                try await stage.allHealthy()
                #expect(manager.count(of: "WATCHDOG=1") == 0)
            }
        }

        @Test func observingNeverMovesAndSaysWhatItWouldDo() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a", "b"])))
                _ = try await stage.runDaemon(["--observe"])
                let before = try await stage.allHealthy()
                try regions.fault("a", #"{"status": 503}"#)
                let observed = try await stage.state("b would be active") {
                    $0.routes["main"]?.wouldBeActive == "b"
                }
                #expect(observed.generation == before.generation)
                #expect(observed.routes["main"]?.active == "a")
                #expect(observed.routes["main"]?.dryRun == true)
                #expect(try stage.routeFile("main") == "a\n")
                try regions.heal("a")
                try await stage.state("a would be active again") { $0.routes["main"]?.wouldBeActive == "a" }
                // Also after a reload: the command line stays on top.
                #expect(try stage.ctl("reload").status == 0)
                try regions.fault("a", #"{"status": 503}"#)
                let last = try await stage.state("b would be active again") { $0.routes["main"]?.wouldBeActive == "b" }
                #expect(last.generation == before.generation)
                #expect(last.routes["main"]?.active == "a")
                let moves = try await stage.moves(3)
                #expect(moves.map(\.event) == ["failover", "failback", "failover"])
                #expect(moves.allSatisfy { $0.dryRun && $0.generation == before.generation })
            }
        }
    }
}
