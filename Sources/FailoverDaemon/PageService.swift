import FailoverControl
import FailoverCore
import FailoverProbes
import FailoverPublish
import Logging
import ServiceLifecycle

/// Serves the page over TCP.
struct PageService: NamedService {
    let description = "page"
    private let server: PageServer

    /// Pages come back by themselves, so that a stop need not wait long for them.
    private static let leavingTime = Duration.milliseconds(200)

    /// `nil` where none is configured.
    init?(
        _ configuration: HTTPOutputConfiguration?,
        credentials: String?,
        source: DaemonSource,
        journal: JournalSink,
        logger: Logger
    ) {
        guard let configuration else { return nil }
        let complaints = Complaints { journal.log($0, $1) }
        let topic = "serving http on \(configuration.listen)"
        server = PageServer(
            listen: configuration.listen,
            access: { try Self.access(configuration, credentials: credentials) },
            source: source,
            limits: ControlLimits(leavingTime: Self.leavingTime),
            logger: logger,
            report: { complaints.settle(topic, error: $0) }
        )
    }

    func run() async throws {
        // Streams would keep it open for ever; being cancelled is how it ends well.
        await cancelWhenGracefulShutdown { [server] in await server.run() }
    }

    private struct ShortToken: Error, CustomStringConvertible {
        let description = "the token has fewer than \(PageAccess.Token.minimumBytes) characters, and could be guessed"
    }

    private static func access(_ configuration: HTTPOutputConfiguration, credentials: String?) throws -> PageAccess {
        var token: PageAccess.Token?
        if let credential = configuration.token {
            let value = try CredentialFile.secret(credential, directory: credentials)
            var generator = SystemRandomNumberGenerator()
            let random = (generator.next(), generator.next(), generator.next(), generator.next())
            guard let strong = PageAccess.Token(value, random: random) else { throw ShortToken() }
            token = strong
        }
        return PageAccess(token: token, hosts: configuration.hosts)
    }
}

extension HTTPOutputConfiguration? {
    /// As a reload compares it.
    var text: String {
        guard let self else { return "nothing" }
        let token =
            switch self.token {
            case .systemd(let name)?: ", token: \(name)"
            case .file(let path)?: ", token_file: \(path)"
            case nil: ""
            }
        let hosts = self.hosts.isEmpty ? "" : ", hosts: [\(self.hosts.joined(separator: ", "))]"
        return "listen: \(self.listen)\(token)\(hosts)"
    }
}
