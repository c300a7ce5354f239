import CLinux
import FailoverCore
import Glibc

/// Runs one command at a time, for a bounded time, and takes its word.
///
/// It gets no shell, no input but what it is given, nothing of our environment and none of our descriptors. It leads a process group of its own,
/// so that whatever it has started ends with it when the time is over.
struct CommandRunner {
    enum Outcome: Hashable {
        case succeeded
        /// Why not, in one line with the end of what the command printed.
        case failed(String)
    }

    /// Where programs without a slash are looked for.
    static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    /// How long a group may take to end after it was asked to.
    private static let grace = Duration.milliseconds(500)
    /// How long the system may take to remove a process that was killed.
    private static let patience = Duration.seconds(1)
    /// How often an end is looked for that no end of output announces.
    private static let look = Duration.milliseconds(20)

    let now: @Sendable () -> MonotonicInstant
    /// One that could not be killed; nothing is started beside it.
    private var stuck: pid_t?

    init(now: @escaping @Sendable () -> MonotonicInstant) {
        self.now = now
        // Whoever started us may have ignored it, which is inherited, and makes the system forget how children end.
        signal(SIGCHLD, SIG_DFL)
    }

    /// Runs `words`, a program and its arguments, with `variables` and `PATH` for its environment.
    ///
    /// `input` is all that it can read. Its group is killed after `timeout`, or as soon as `isAbandoned` says so; that is asked all the time.
    mutating func run(
        _ words: [String],
        variables: [(name: String, value: String)],
        input: [UInt8] = [],
        timeout: Duration,
        isAbandoned: () -> Bool
    ) -> Outcome {
        let program = words.first ?? ""
        if let stuck {
            guard Self.reap(stuck) != nil else { return .failed("the last \(program) cannot be killed") }
            self.stuck = nil
        }
        let given = input.isEmpty ? -1 : Self.pipe(holding: input)
        guard input.isEmpty || given >= 0 else {
            return .failed("\(program): \(String(cString: strerror(errno)))")
        }
        defer { if given >= 0 { close(given) } }
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { return .failed("\(program): \(String(cString: strerror(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        defer { close(ends[0]) }
        let environment = ["PATH=\(Self.path)"] + variables.map { "\($0.name)=\($0.value)" }
        let child = Self.spawn(words, environment, input: given, output: ends[1])
        close(ends[1])
        let pid: pid_t
        switch child {
        case .success(let started): pid = started
        case .failure(let error):
            return .failed("\(program) cannot be started: \(String(cString: strerror(error.errno)))")
        }
        var output = OutputTail()
        let deadline = now() + timeout
        while !Self.hasEnded(pid) {
            let rest = deadline - now()
            guard rest > .zero, !isAbandoned() else {
                output.read(from: ends[0])
                let text = rest > .zero ? "was ended with the daemon" : "did not end within \(timeout)"
                kill(pid)
                return .failed("\(program) \(text)\(output.shown)")
            }
            output.wait(on: ends[0], for: min(rest, Self.look))
        }
        output.read(from: ends[0])
        guard let status = Self.reap(pid), status >= 0 else {
            return .failed("nobody knows how \(program) ended\(output.shown)")
        }
        if status == 0 { return .succeeded }
        let signal = status & 0x7f
        let end = signal == 0 ? "exit code \(status >> 8 & 0xff)" : "signal \(signal)"
        return .failed("\(program) failed with \(end)\(output.shown)")
    }

    /// Ends a whole group, first in a friendly way.
    ///
    /// The leader is not reaped before: its number is the group's, and would be free for others.
    private mutating func kill(_ pid: pid_t) {
        _ = Glibc.kill(-pid, SIGTERM)
        wait(for: pid, at: now() + Self.grace)
        _ = Glibc.kill(-pid, SIGKILL)
        wait(for: pid, at: now() + Self.patience)
        if Self.reap(pid) == nil { stuck = pid }
    }

    private func wait(for pid: pid_t, at end: MonotonicInstant) {
        while !Self.hasEnded(pid), now() < end { usleep(5_000) }
    }

    /// Whether a child has ended, without taking it off the system's list.
    private static func hasEnded(_ pid: pid_t) -> Bool {
        var info = siginfo_t()
        let result = waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT)
        // A child that is no longer ours has ended too.
        return result == 0 ? info.si_signo != 0 : errno == ECHILD
    }

    /// The status of a child that has ended, negative if it cannot be known; `nil` while it runs.
    private static func reap(_ pid: pid_t) -> Int32? {
        var status: Int32 = 0
        let result = waitpid(pid, &status, WNOHANG)
        return result == 0 ? nil : result == pid ? status : -1
    }

    // MARK: Starting

    private static func spawn(
        _ words: [String],
        _ environment: [String],
        input: Int32,
        output: Int32
    ) -> Result<pid_t, SystemError> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if input >= 0 {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        linux_isolate_child(&actions, STDERR_FILENO + 1)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Our threads block all signals, and we ignore some: neither is to be inherited.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) }
        defer { for text in arguments + variables { free(text) } }
        arguments.append(nil)
        variables.append(nil)
        var failure = ENOENT
        for program in places(of: words.first ?? "") {
            var pid: pid_t = 0
            failure = posix_spawn(&pid, program, &actions, &attributes, arguments, variables)
            if failure == 0 { return .success(pid) }
            guard failure == ENOENT || failure == ENOTDIR else { break }
        }
        return .failure(SystemError(errno: failure))
    }

    /// The most that a command can be given: what a pipe holds, so that one that does not read cannot hold us up.
    static let maximumInput = 60 * 1024

    /// The end of a pipe in which all of `bytes` waits to be read; -1 if there is none to be had.
    private static func pipe(holding bytes: [UInt8]) -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { return -1 }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        let written = write(ends[1], bytes, bytes.count)
        close(ends[1])
        if written == bytes.count { return ends[0] }
        close(ends[0])
        return -1
    }

    /// Where a program may be: `posix_spawnp` would look into our own `PATH`.
    private static func places(of program: String) -> [String] {
        program.contains("/") ? [program] : path.split(separator: ":").map { "\($0)/\(program)" }
    }
}

/// The end of what a command has printed.
private struct OutputTail {
    private var bytes: [UInt8] = []
    private var isEnded = false

    /// In bytes, and in characters of what is shown of it.
    private static let maximum = 2_048
    private static let maximumShown = 400
    /// Reads in a row, so that one that prints without end cannot hold the clock up.
    private static let maximumReads = 16

    /// Reads what comes within `limit`; returns early when the output has ended.
    mutating func wait(on descriptor: Int32, for limit: Duration) {
        guard !isEnded else {
            usleep(1_000)
            return
        }
        var wish = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = max(1, Int32(limit.inSeconds * 1000))
        if poll(&wish, 1, milliseconds) > 0 { read(from: descriptor) }
    }

    mutating func read(from descriptor: Int32) {
        var chunk = [UInt8](repeating: 0, count: 4_096)
        for _ in 0..<Self.maximumReads {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else {
                if count == 0 { isEnded = true }
                return
            }
            bytes = Array((bytes + chunk[..<count]).suffix(Self.maximum))
        }
    }

    /// `: text`, or nothing.
    var shown: String {
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        let text = lines.map(String.init).joined(separator: "; ").onOneLine
        guard !text.isEmpty else { return "" }
        return ": " + (text.count > Self.maximumShown ? "…" + text.suffix(Self.maximumShown) : text)
    }
}
