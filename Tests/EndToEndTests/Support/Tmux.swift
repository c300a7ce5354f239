import Foundation
import TestSupport

/// A terminal with a shell in it, whose keys are pressed and whose screen is read by a test.
struct Tmux: Sendable {
    private let socket: String

    /// 80 columns and 24 lines; the shell finds our programs, and the stage's daemon.
    fileprivate init(_ stage: Stage) async throws {
        socket = stage.directory.path("tmux")
        let path = URL(filePath: Built.failoverctl).deletingLastPathComponent().path
        let variables = [
            "PATH": path + ":/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": stage.directory.path, "PS1": "$ ",
            "FAILOVERD_SOCKET": stage.place.socket,
        ]
        // In the foreground: one that becomes a daemon takes along what its parent is waited for with.
        let server = ["-f", "/dev/null", "-u", "-D", "-S", socket]
        _ = try stage.start("/usr/bin/tmux", server, log: "tmux.log")
        let terminal = self
        let session =
            ["new-session", "-d", "-x", "80", "-y", "24", "-c", stage.directory.path]
            + variables.sorted { $0.key < $1.key }.flatMap { ["-e", "\($0.key)=\($0.value)"] }
            + ["/usr/bin/env", "PATH=\(variables["PATH"] ?? "")", "bash", "--norc", "--noprofile"]
        try await condition("tmux is there") { (try? terminal.tell(session)) != nil }
    }

    func press(_ keys: String...) throws { try tell(["send-keys"] + keys) }

    func type(_ text: String) throws { try tell(["send-keys", "-l", text]) }

    func resize(_ width: Int, _ height: Int) throws {
        try tell(["resize-window", "-x", "\(width)", "-y", "\(height)"])
    }

    /// What is on the screen, with the sequences of its colours if asked for.
    func screen(withColours: Bool = false) throws -> String {
        try tell(["capture-pane", "-p"] + (withColours ? ["-e"] : []))
    }

    /// Waits until all of these are on the screen, and what else is to be true of it is.
    func shows(
        _ texts: String...,
        and isTrue: @escaping @Sendable (String) -> Bool = { _ in true }
    ) async throws {
        do {
            try await condition("the screen shows \(texts)", within: .seconds(60)) {
                let screen = try self.screen()
                return texts.allSatisfy(screen.contains) && isTrue(screen)
            }
        } catch let error as ConditionError {
            throw ConditionError(description: "\(error.description)\n\((try? screen()) ?? "no screen")")
        }
    }

    @discardableResult
    private func tell(_ arguments: [String]) throws -> String {
        // -N: where none listens yet, a server that this one starts would be waited for without end.
        let output = try run("/usr/bin/tmux", ["-N", "-S", socket] + arguments)
        guard output.status == 0 else { throw ConditionError(description: "tmux: \(output.standardError)") }
        return output.standardOutput
    }

    fileprivate func end() { _ = try? tell(["kill-server"]) }
}

/// Calls `body` with a terminal, and ends what runs in it afterwards, also on failure.
func withTmux(_ stage: Stage, _ body: (Tmux) async throws -> Void) async throws {
    let terminal = try await Tmux(stage)
    defer { terminal.end() }
    try await body(terminal)
}
