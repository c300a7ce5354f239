import FailoverControl
import FailoverCore
import FailoverPublish
import ServiceLifecycle

/// Answers HAProxy.
struct HAProxyAgentService: NamedService {
    let description = "haproxy agent"
    let desk: AgentDesk
    private let server: AgentServer

    /// `nil` where none is configured.
    init?(_ configuration: HAProxyAgentConfiguration?, publish: PublishWriter, journal: JournalSink) {
        guard let configuration else { return nil }
        let complaints = Complaints { journal.log($0, $1) }
        let topic = "listening on \(configuration.listen) for HAProxy"
        desk = AgentDesk(
            published: { publish.latest },
            now: { SystemClock.now },
            warn: { journal.log(.warning, $0) }
        )
        server = AgentServer(listen: configuration.listen, desk: desk) { complaints.settle(topic, error: $0) }
    }

    func run() async throws {
        // Being cancelled is how it ends well: a closed door leaves HAProxy's servers where the decision has put them.
        await cancelWhenGracefulShutdown { [server] in await server.run() }
    }
}

extension HAProxyAgentConfiguration? {
    /// As a reload compares it.
    var text: String { map { "listen: \($0.listen)" } ?? "nothing" }
}
