import Foundation
import Synchronization
import TestSupport

/// How a program ended.
enum Ending: Hashable, Sendable {
    case exit(Int32)
    case signal(Int32)
}

/// One of our own programs, or a server of Debian, as a child of the test.
final class Program: Sendable {
    let name: String
    private let process: Process

    /// Starts it; what it prints on standard output and standard error is added to the file `log`.
    init(
        _ path: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        directory: String,
        log: String
    ) throws {
        name = URL(filePath: path).lastPathComponent
        process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        // Nothing of whoever runs the tests, such as a service manager's socket.
        let inherited = ProcessInfo.processInfo.environment.filter { ["PATH", "LANG", "HOME"].contains($0.key) }
        process.environment = inherited.merging(environment) { $1 }
        process.currentDirectoryURL = URL(filePath: directory)
        process.standardInput = FileHandle.nullDevice
        let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw ConditionError(description: "\(log): errno \(errno)") }
        let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    var identifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    func send(_ signal: Int32) { if isRunning { kill(identifier, signal) } }

    func ending(within limit: Duration = .seconds(30)) async throws -> Ending {
        try await condition("\(name) ends", within: limit) { !self.isRunning }
        return process.terminationReason == .exit
            ? .exit(process.terminationStatus) : .signal(process.terminationStatus)
    }

    /// Ends it at once, whatever it does; returns when it is gone.
    func end() {
        guard isRunning else { return }
        send(SIGKILL)
        _ = try? exitStatus(of: process, within: .seconds(20))
    }
}

/// The programs of this build, beside the test bundle.
enum Built {
    static let failoverd = path("failoverd")
    static let failoverctl = path("failoverctl")
    static let regionsim = path("regionsim")

    private static func path(_ name: String) -> String {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appending(path: name).path
    }
}

/// Ports that tests take one after the other, from a random one on.
private let nextPort = Atomic(Int.random(in: 20_000..<26_000))

/// A loopback port on which nobody listens, and which no other test gets.
///
/// Below the range from which the kernel takes ports for outgoing connections: among thousands of probes one of those would
/// be taken again before a server of the test listens on it.
func freePort() throws -> Int {
    for _ in 0..<1000 {
        let port = nextPort.wrappingAdd(1, ordering: .relaxed).newValue
        if try isFree(port) { return port }
    }
    throw ConditionError(description: "no free port")
}

private func isFree(_ port: Int) throws -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw ConditionError(description: "no socket: errno \(errno)") }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
