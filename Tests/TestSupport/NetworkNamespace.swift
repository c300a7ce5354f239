import Foundation

/// A network of its own for processes that are started in it: interfaces, addresses, routes, rules and name servers.
///
/// Everything else, such as files and Unix sockets, is shared with the test. Nothing in it reaches another network, so
/// addresses and ports are free to choose.
package struct NetworkNamespace: Sendable {
    /// As `ip netns` knows it; it carries the process that made it.
    package let name: String

    /// Whether tests may make one.
    ///
    /// Tried once: a container's root may lack the right. Without the tool itself a test fails and says so.
    package static let canMake: Bool = {
        guard geteuid() == 0 else { return false }
        guard FileManager.default.isExecutableFile(atPath: "/sbin/ip") else { return true }
        let name = "failoverd-trial-\(getpid())"
        defer { _ = try? checked("/sbin/ip", ["netns", "del", name]) }
        return (try? checked("/sbin/ip", ["netns", "add", name])) != nil
    }()

    private static let prefix = "failoverd-test"
    private static let files = "/etc/netns"

    /// Makes one with nothing but a loopback interface.
    package init(_ purpose: String) throws {
        try Self.removeLeftOvers()
        name = "\(Self.prefix)-\(getpid())-\(purpose)-\(UInt32.random(in: .min ... .max))"
        try checked(Self.ip, ["netns", "add", name])
        do {
            try checked(Self.ip, ["-n", name, "link", "set", "lo", "up"])
            try setFile("resolv.conf", to: "")
            // Names come from the test's own files and name server, whatever the machine asks.
            try setFile("nsswitch.conf", to: "hosts: files dns\n")
            try setFile("hosts", to: "127.0.0.1 localhost\n")
        } catch {
            remove()
            throw error
        }
    }

    /// Removes it; it lives on while a process is in it.
    package func remove() {
        _ = try? TestSupport.run(Self.ip, ["netns", "delete", name])
        try? FileManager.default.removeItem(atPath: "\(Self.files)/\(name)")
    }

    /// Processes that start in it from now on ask these name servers, at port 53.
    package func resolve(with servers: [String]) throws {
        try setFile("resolv.conf", to: servers.map { "nameserver \($0)\n" }.joined())
    }

    /// How a program is started in it; the process has the identifier and gets the signals as without it.
    package func command(_ path: String, _ arguments: [String] = []) -> (path: String, arguments: [String]) {
        (Self.ip, ["netns", "exec", name, path] + arguments)
    }

    /// Runs a command in it to its end.
    package func run(
        _ path: String,
        _ arguments: [String] = [],
        environment: [String: String]? = nil
    ) throws -> CommandOutput {
        let command = command(path, arguments)
        return try TestSupport.run(command.path, command.arguments, environment: environment)
    }

    /// Runs `ip` on its interfaces and routes, and fails if that does.
    package func ip(_ arguments: [String]) throws { try checked(Self.ip, ["-n", name] + arguments) }

    /// Whether a process, which was started in it, is there already and somebody listens on this port.
    ///
    /// Nothing is connected, so that nobody counts it.
    package func listens(on port: Int, _ transport: NetworkTransport = .tcp, process: Int32) -> Bool {
        guard Self.network(of: "/proc/\(process)/ns/net") == Self.network(of: "/run/netns/\(name)") else {
            return false
        }
        return ListeningPorts(of: process, transport).contains(port)
    }

    /// The identity of a network; `nil` if there is none.
    private static func network(of path: String) -> UInt64? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return UInt64(status.st_ino)
    }

    private func setFile(_ file: String, to text: String) throws {
        let directory = "\(Self.files)/\(name)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // In place: processes that run already see this very file.
        let handle = open("\(directory)/\(file)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard handle >= 0 else { throw CommandError(text: "\(directory)/\(file): errno \(errno)") }
        try FileHandle(fileDescriptor: handle, closeOnDealloc: true).write(contentsOf: Data(text.utf8))
    }

    /// Removes those of processes that were killed.
    private static func removeLeftOvers() throws {
        let manager = FileManager.default
        for directory in ["/run/netns", files] {
            for name in (try? manager.contentsOfDirectory(atPath: directory)) ?? [] {
                guard name.hasPrefix(prefix + "-"), let maker = name.split(separator: "-").dropFirst(2).first,
                    let process = pid_t(maker), kill(process, 0) != 0, errno == ESRCH
                else { continue }
                if directory == files {
                    try? manager.removeItem(atPath: "\(directory)/\(name)")
                } else {
                    _ = try TestSupport.run(ip, ["netns", "delete", name])
                }
            }
        }
    }

    private static let ip = "/sbin/ip"
}

/// What carries a port.
package enum NetworkTransport: String, Sendable {
    case tcp, udp
}

/// The ports on which somebody listens in the network of a process.
package struct ListeningPorts: Sendable {
    private let ports: Set<Int>

    package init(of process: Int32, _ transport: NetworkTransport = .tcp) {
        // The kernel's words for a listening TCP socket and for a UDP socket without a peer.
        let state = transport == .tcp ? "0A" : "07"
        var ports: Set<Int> = []
        for table in [transport.rawValue, transport.rawValue + "6"] {
            let text = (try? String(contentsOfFile: "/proc/\(process)/net/\(table)", encoding: .utf8)) ?? ""
            for line in text.split(separator: "\n").dropFirst() {
                let fields = line.split(separator: " ")
                guard fields.count > 3, fields[3] == state, let port = fields[1].split(separator: ":").last else {
                    continue
                }
                if let port = Int(port, radix: 16) { ports.insert(port) }
            }
        }
        self.ports = ports
    }

    package func contains(_ port: Int) -> Bool { ports.contains(port) }
}

/// Runs a command to its end and throws what it said if it failed.
package func checked(_ path: String, _ arguments: [String]) throws {
    guard FileManager.default.isExecutableFile(atPath: path) else {
        throw CommandError(text: "\(path) is missing; `make test-packages` installs what the tests need")
    }
    let output = try run(path, arguments)
    guard output.status == 0 else {
        throw CommandError(text: "\(path) \(arguments.joined(separator: " ")): \(output.standardError)")
    }
}
