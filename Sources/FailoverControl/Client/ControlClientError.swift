import FailoverCore
package import FailoverWire

/// Why a question to the daemon has no answer, in words for the person who asked.
package enum ControlClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing listens at the path.
    case noDaemon(path: String)
    /// The socket's mode does not let us in; `group` owns it, if it has a name.
    case permissionDenied(path: String, group: String?)
    case pathTooLong(path: String)
    case timeout(path: String, limit: Duration)
    /// The daemon closed the connection before its answer was whole.
    case closed(path: String)
    case answerTooLarge(limit: Int)
    /// What came back is not what the API promises.
    case malformed(String)
    /// The daemon answered with an error of the API.
    case refused(ProblemDocument)
    case system(path: String, reason: String)

    package var description: String {
        switch self {
        case .noDaemon(let path): "no daemon answers on \(path): is failoverd running?"
        case .permissionDenied(let path, let group):
            "no permission to use \(path): you need to be root"
                + (group.map { " or a member of the group \($0)" } ?? " or a member of the socket's group")
        case .pathTooLong(let path):
            "socket path is too long: \(path) has \(path.utf8.count) bytes, "
                + "at most \(SocketPathError.maximumBytes) are allowed"
        case .timeout(let path, let limit): "no answer from \(path) within \(limit.inSeconds.trimmed) s"
        case .closed(let path): "the daemon on \(path) closed the connection before it had answered"
        case .answerTooLarge(let limit): "the answer is larger than \(limit / (1024 * 1024)) MiB"
        case .malformed(let what): "the answer is not what this version of failoverctl expects: \(what)"
        case .refused(let problem): Self.text(of: problem)
        case .system(let path, let reason): "cannot use \(path): \(reason)"
        }
    }

    /// The exit code from `sysexits.h` that says the same.
    package var exitCode: ExitStatus {
        switch self {
        case .noDaemon, .timeout, .closed, .system: .unavailable
        case .permissionDenied: .noPermission
        case .pathTooLong: .usage
        case .answerTooLarge, .malformed: .protocolError
        case .refused(let problem):
            switch problem.status {
            case 403: .noPermission
            case 422: .configuration
            case 400..<500: .usage
            default: .unavailable
            }
        }
    }

    private static func text(of problem: ProblemDocument) -> String {
        var text = problem.detail
        if let allowed = problem.allowed, !allowed.isEmpty { text += "; there is: " + allowed.joined(separator: ", ") }
        for error in problem.errors ?? [] { text += "\n  " + error }
        return text
    }
}

/// Exit codes of the commands, from `sysexits.h`.
package enum ExitStatus: Int32, Hashable, Sendable {
    case success = 0
    case usage = 64
    /// A file that was to be read is damaged, or is no such file.
    case dataError = 65
    case unavailable = 69
    case temporaryFailure = 75
    case protocolError = 76
    case noPermission = 77
    case configuration = 78
}
