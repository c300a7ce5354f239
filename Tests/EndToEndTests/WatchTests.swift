import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// `failoverctl watch` on a real terminal, that of tmux.
    @Suite struct WatchTests {
        @Test func aFailoverIsSeenLiveAndTheTerminalIsGivenBack() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a", "b"])))
                let first = try await stage.runDaemon()
                try await stage.allHealthy()
                try await withTmux(stage) { terminal in
                    try terminal.type("stty -g > before; failoverctl watch")
                    try terminal.press("Enter")
                    try await terminal.shows("main: a  preferred", "* a", "healthy", "? help")
                    try regions.fault("a", #"{"status": 503}"#)
                    try await terminal.shows("main: b  failed over", "* b", "unhealthy", "failover       main: a -> b")
                    // Gone, and back by itself.
                    first.send(SIGTERM)
                    _ = try await first.ending()
                    try await terminal.shows("no answer since", "the last state is", "main: b")
                    _ = try await stage.runDaemon()
                    try await terminal.shows("main: b  failed over", "started") { !$0.contains("no answer") }
                    // Every size, and back from being stopped.
                    for (width, height) in [(120, 40), (40, 12), (80, 24)] {
                        try terminal.resize(width, height)
                        try await terminal.shows("main: b") { Self.fits($0, width, height) }
                    }
                    try terminal.press("C-z")
                    try await terminal.shows("Stopped") { !$0.contains("main: b") }
                    try terminal.type("fg; echo left $?; stty -g > after")
                    try terminal.press("Enter")
                    try await terminal.shows("main: b  failed over", "? help")
                    try terminal.press("q")
                    try await terminal.shows("left 0") { !$0.contains("main: b") }
                    try await stage.sameModes("before", "after")
                }
            }
        }

        @Test func aPinIsCarriedOutOnlyAfterItsConfirmation() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a", "b"])))
                _ = try await stage.runDaemon()
                let before = try await stage.allHealthy()
                try await withTmux(stage) { terminal in
                    try terminal.type("stty -g > before; NO_COLOR=1 LC_ALL=C failoverctl watch")
                    try terminal.press("Enter")
                    try await terminal.shows("main: a  preferred", "-- last events")
                    try await order(terminal)
                    try terminal.press("Escape")
                    try await terminal.shows("q quit") { !$0.contains("y does it") }
                    #expect(try stage.state().generation == before.generation)
                    try await order(terminal)
                    try terminal.press("y")
                    try await terminal.shows("main is pinned to b until", "done: Enter to go on")
                    #expect(try stage.state().routes["main"]?.pinned?.reason == "new kernel")
                    try terminal.press("Enter")
                    try await terminal.shows("main: b  pinned", "pinned to b by") { Self.isPlain($0) }
                    #expect(try Self.isPlain(terminal.screen(withColours: true)))
                    try terminal.press("C-c")
                    // Ended by the signal, and so the shell does not go on with its line.
                    try await terminal.shows("failoverctl watch") { !$0.contains("main: b") }
                    try terminal.type("echo left $?; stty -g > after")
                    try terminal.press("Enter")
                    try await terminal.shows("left 130")
                    try await stage.sameModes("before", "after")
                }
            }
        }

        @Test func withoutAScreenItPrintsText() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a", "b"])))
                let absent = try stage.ctl("watch")
                #expect(absent.status == 69 && absent.standardOutput == "")
                #expect(absent.standardError.contains("is failoverd running?"))
                _ = try await stage.runDaemon()
                try await stage.allHealthy()
                let once = try stage.ctl("watch", "--once")
                #expect(once.status == 0 && once.standardOutput.contains("  main: a  preferred for "))
                let json = try stage.ctl("watch", "--once", "--json").standardOutput
                #expect(json.split(separator: "\n").count == 1)
                #expect(try Wire.decode(StateDocument.self, from: Data(json.utf8)).routes["main"]?.active == "a")
                #expect(try stage.ctl("watch", "nosuch").status == 64)
                let lines = try stage.start(
                    Built.failoverctl,
                    ["--socket", stage.place.socket, "watch"],
                    log: "watch.log"
                )
                try await condition("the route is told") {
                    try stage.text("watch.log").contains("  main: a, preferred: ")
                }
                try regions.fault("a", #"{"status": 503}"#)
                try await condition("the failover is told") {
                    try stage.text("watch.log").contains("failover       main: a -> b: ")
                }
                lines.end()
            }
        }

        /// From the key to the question that asks for `y`.
        private func order(_ terminal: Tmux) async throws {
            try terminal.press("p")
            try await terminal.shows("> pin main to a")
            try terminal.press("Down", "Enter")
            try await terminal.shows("Why?")
            try terminal.type("new kernel")
            try terminal.press("Enter")
            try await terminal.shows("For how long?", "> 4h_")
            try terminal.press("Enter")
            try await terminal.shows("because: new kernel", "Traffic of main moves from a to b at once", "y does it")
        }

        private static func fits(_ text: String, _ width: Int, _ height: Int) -> Bool {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            return lines.count <= height + 1 && lines.allSatisfy { $0.count <= width }
                && (width < 80 || text.contains("s sort  ? help  q quit"))
        }

        /// ASCII without a colour.
        private static func isPlain(_ text: String) -> Bool {
            text.utf8.allSatisfy { (0x20..<0x7F).contains($0) || $0 == 0x0A }
        }
    }
}

extension Stage {
    fileprivate func text(_ name: String) throws -> String {
        try String(contentsOf: URL(filePath: directory.path(name)), encoding: .utf8)
    }

    /// The terminal's modes at both times are the same.
    fileprivate func sameModes(_ first: String, _ second: String) async throws {
        try await condition("the modes are written") { (try? self.text(second).hasSuffix("\n")) ?? false }
        #expect(try text(first) == text(second))
    }
}
