import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The history of a daemon that fails over for real, whatever happens to it or to its database.
    @Suite struct HistoryTests {
        private struct Counters: Decodable { let faults: [String: Int] }

        private func stand(_ stage: Stage) async throws -> (daemon: Program, regions: Regions) {
            let regions = try await Regions.start(["a", "b"], on: stage)
            var setup = Setup(regions.endpoints(["a", "b"]))
            setup.interval = "200ms"
            setup.decision = Setup.evidence
            try stage.configure(setup)
            let daemon = try await stage.runDaemon()
            try await stage.allHealthy()
            return (daemon, regions)
        }

        private func database(_ stage: Stage) -> String { stage.place.memory + "/history.sqlite" }

        private func report(_ stage: Stage, _ arguments: [String] = []) throws -> ReportDocument {
            let environment = ["FAILOVERD_SOCKET": stage.place.socket]
            let output = try run(Built.failoverctl, ["report", "--json"] + arguments, environment: environment)
            guard output.status == 0 else { throw ConditionError(description: output.standardError) }
            return try Wire.decode(ReportDocument.self, from: Data(output.standardOutput.utf8))
        }

        private func answer<Document: Decodable>(_ path: String, of stage: Stage) throws -> Document {
            try Wire.decode(Document.self, from: Data(try stage.curl(path).utf8))
        }

        /// What the log of transitions tells of the failovers in it, without the times after them.
        private func logged(_ stage: Stage) throws -> [ReportDocument.Failover] {
            try stage.transitions().filter { $0.event == "failover" }.map { move in
                let indicators = (move.grounds?.indicators ?? []).map { $0.steps.filter(\.bad) }
                let steps = indicators.first { $0.count == indicators.map(\.count).max() } ?? []
                return ReportDocument.Failover(
                    at: move.at,
                    generation: move.generation,
                    from: move.from ?? "",
                    to: move.to ?? "",
                    reason: move.reason,
                    seconds: 0,
                    goesOn: false,
                    badBefore: steps.count,
                    secondsBefore: steps.first.map {
                        ((move.at.secondsSince1970 - $0.at.secondsSince1970) * 1000).rounded() / 1000
                    }
                )
            }
        }

        /// A history that has only just begun is refused for a moment.
        private func hasFailovers(_ failovers: [ReportDocument.Failover], _ stage: Stage) -> Bool {
            (try? report(stage)).map { plain($0.routes[0].failovers) == failovers } ?? false
        }

        /// Without what differs from one look to the next.
        private func plain(_ failovers: [ReportDocument.Failover]) -> [ReportDocument.Failover] {
            failovers.map { failover in
                var plain = failover
                (plain.seconds, plain.goesOn) = (0, false)
                return plain
            }
        }

        private func restart(_ daemon: Program, with signal: Int32, on stage: Stage) async throws -> Program {
            daemon.send(signal)
            #expect(try await daemon.ending() == (signal == SIGKILL ? .signal(signal) : .exit(0)))
            return try await stage.runDaemon()
        }

        @Test func aFailoverIsReportedWithItsPriceAndKeptThroughAKill() async throws {
            try await withStage { stage in
                let (first, regions) = try await stand(stage)
                let began = Date().timeIntervalSince1970
                try regions.fault("a", #"{"status": 503}"#)
                try await stage.active("b")
                // What clients that stayed would have gone on to see.
                try await condition("more is bad on a") {
                    let budgets: BudgetsDocument = try answer("/v1/budgets?days=1", of: stage)
                    guard let route = budgets.routes["main"] else { return false }
                    return route.withoutFailover.bad >= route.asRouted.bad + 10
                }
                try regions.heal("a")
                try await stage.active("a")
                let moves = try await stage.moves(2)
                #expect(moves.map(\.event) == ["failover", "failback"])

                // The leading evidence of the move, and no more than really happened.
                let report = try report(stage)
                let failover = try #require(report.routes.first?.failovers.first)
                #expect(plain(report.routes[0].failovers) == (try logged(stage)))
                let lasted = moves[1].at.secondsSince1970 - moves[0].at.secondsSince1970
                #expect(failover.seconds == (lasted * 1000).rounded() / 1000)
                #expect(!failover.goesOn)
                let counted = try run("/usr/bin/curl", ["-sS", regions.controlURL("a") + "/counters"]).standardOutput
                let counters = try JSONDecoder().decode(Counters.self, from: Data(counted.utf8))
                let hit = counters.faults.values.reduce(0, +)
                let bad = try #require(failover.badBefore)
                #expect((1...hit).contains(bad))
                #expect(try #require(failover.secondsBefore) <= failover.at.secondsSince1970 - began)

                // Only what came before the move was seen as routed; all of it without failover, and at the endpoint.
                let route = report.routes[0]
                #expect(route.asRouted.bad == bad)
                #expect(route.withoutFailover.bad == hit)
                let ratios = try [#require(route.asRouted.ratio), #require(route.withoutFailover.ratio)]
                #expect(ratios[0] > 0 && ratios[0] < ratios[1], "\(ratios)")
                let budgets: BudgetsDocument = try answer("/v1/budgets?days=30", of: stage)
                #expect(budgets.routes["main"]?.asRouted.bad == bad)
                #expect(budgets.endpoints["a"]?.availability.bad == hit)
                #expect(budgets.endpoints["b"]?.availability.bad == 0)
                let series: SeriesDocument = try answer("/v1/history/series?endpoint=a&minutes=5", of: stage)
                #expect(series.points.map(\.bad).reduce(0, +) == hit)
                #expect(series.points.allSatisfy { $0.p50Milliseconds ?? 0 > 0 && $0.samples > 0 }, "\(series)")

                try expectForms(stage, bad: bad)

                // What an orderly end leaves can be read without a daemon, and a kill takes none of it away.
                let second = try await restart(first, with: SIGTERM, on: stage)
                let third = try await restart(second, with: SIGKILL, on: stage)
                let kept = try self.report(stage)
                #expect(kept.routes[0].failovers == report.routes[0].failovers)
                #expect(kept.routes[0].asRouted.bad == bad)
                #expect(kept.routes[0].withoutFailover.bad == hit)
                #expect(kept.routes[0].asRouted.coveredSeconds >= report.routes[0].asRouted.coveredSeconds)
                third.send(SIGTERM)
                #expect(try await third.ending() == .exit(0))
                let offline = try self.report(stage, ["--state-directory", stage.place.memory])
                #expect(offline.routes[0].failovers == report.routes[0].failovers)
                #expect(!stage.said().contains("the history"), "\(stage.said())")
            }
        }

        /// The same report for people, for notes and for spreadsheets.
        private func expectForms(_ stage: Stage, bad: Int) throws {
            let text = try stage.ctl("report")
            #expect(text.status == 0)
            #expect(text.standardOutput.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(text.standardOutput)")
            for part in ["main: 99.9 % was asked for and missed", "FAILOVER", "  \(bad) in ", "http_503"] {
                #expect(text.standardOutput.contains(part), "\(text.standardOutput)")
            }
            let markdown = try stage.ctl("report", "--markdown").standardOutput
            #expect(markdown.hasPrefix("# Report of 30 days\n"))
            #expect(markdown.contains("| a | b | "), "\(markdown)")
            let csv = try stage.ctl("report", "--csv").standardOutput.components(separatedBy: "\r\n")
            #expect(csv.first?.hasPrefix("kind,name,side,objective,") == true)
            #expect(csv.count { $0.hasPrefix("failover,main,") && $0.contains(",a,b,") } == 1, "\(csv)")
        }

        @Test func aDatabaseThatIsLostOrDamagedIsBegunAnewWithItsFailovers() async throws {
            try await withStage { stage in
                let (first, regions) = try await stand(stage)
                try await condition("there is a database") {
                    FileManager.default.fileExists(atPath: database(stage))
                }
                for end in ["", "-wal", "-shm"] { unlink(database(stage) + end) }
                try regions.fault("a", #"{"status": 503}"#)
                try await stage.active("b")
                let failovers = try await stage.moves(1).isEmpty ? [] : logged(stage)
                try await condition("the failover is in a new one") {
                    hasFailovers(failovers, stage)
                }
                let removed = "was removed or replaced while it was used: it is begun anew"
                #expect(
                    lines(stage, with: "the history").map { $0.hasSuffix("\(database(stage)) \(removed)") } == [true]
                )

                first.send(SIGTERM)
                #expect(try await first.ending() == .exit(0))
                let written = try #require(FileHandle(forUpdatingAtPath: database(stage)))
                try written.seek(toOffset: 4096)
                try written.write(contentsOf: Data(repeating: 0x5a, count: 8192))
                try written.close()
                let second = try await stage.runDaemon()
                try await condition("the failover is in a new one") {
                    hasFailovers(failovers, stage)
                }
                let said = lines(stage, with: "the history").dropFirst()
                #expect(said.count == 1, "\(said)")
                for part in ["cannot be used", "it is damaged", "it was kept as \(database(stage)).bad-1"] {
                    #expect(said.first?.contains(part) == true, "\(said)")
                }
                #expect(FileManager.default.fileExists(atPath: database(stage) + ".bad-1"))
                try regions.heal("a")
                try await stage.active("a")
                second.send(SIGTERM)
                #expect(try await second.ending() == .exit(0))
            }
        }

        private func lines(_ stage: Stage, with part: String) -> [String] {
            stage.said().split(separator: "\n").map(String.init).filter { $0.contains(part) }
        }
    }
}
