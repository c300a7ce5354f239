import Foundation

/// Stops a process in mid-breath, and returns when all of its threads stand still.
///
/// The signal alone is only a promise: on a busy machine a thread may still answer what comes in.
package func freeze(_ process: Int32) {
    kill(process, SIGSTOP)
    let limit = Date(timeIntervalSinceNow: 5)
    while !standsStill(process), Date() < limit { usleep(1000) }
}

private func standsStill(_ process: Int32) -> Bool {
    let tasks = "/proc/\(process)/task"
    guard let threads = try? FileManager.default.contentsOfDirectory(atPath: tasks) else { return true }
    return threads.allSatisfy { thread in
        guard let stat = try? String(contentsOfFile: "\(tasks)/\(thread)/stat", encoding: .utf8) else { return true }
        // The state comes after the name in brackets, which may hold anything.
        return stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].dropFirst(2).first == "T"
    }
}
