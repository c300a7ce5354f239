import CCares
import FailoverCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A set of name servers to ask, with the sockets for it; for one thread.
///
/// c-ares asks the servers. The hosts file and search domains are applied here, because c-ares applies them to each
/// family on its own and may then join the addresses of two different names.
final class CaresChannel {
    /// An answer for one family of the name that a query asks for.
    struct Reply {
        let query: UInt64
        let family: IPAddress.Family
        let answer: FamilyAnswer
        /// Whether no server said anything in time.
        let isSilence: Bool
    }

    /// What c-ares reports from inside its calls.
    private final class Inbox {
        var replies: [Reply] = []
        /// The `poll` events that each open socket waits for.
        var sockets: [CInt: Int16] = [:]
    }

    /// What c-ares hands back with an answer.
    private final class Question {
        let inbox: Inbox
        let query: UInt64
        let family: IPAddress.Family

        init(inbox: Inbox, query: UInt64, family: IPAddress.Family) {
            self.inbox = inbox
            self.query = query
            self.family = family
        }
    }

    /// Addresses of a name of the hosts file that are read, of each family.
    private static let maximumHosts: CInt = 16

    let search: SearchList
    private let channel: OpaquePointer
    private let inbox = Inbox()
    private let usesHosts: Bool
    private let usesServers: Bool

    init(_ options: NameResolverOptions) throws(NameResolverError) {
        let servers = options.servers.isEmpty ? nil : options.servers.joined(separator: ",")
        var error: UnsafePointer<CChar>?
        let opened = ccares_open(
            options.configurationPath,
            servers,
            CInt(clamping: options.timeout.nanoseconds / 1_000_000),
            CInt(clamping: max(options.tries, 1)),
            { inbox, socket, isReading, isWriting in
                guard let inbox else { return }
                let events = (isReading != 0 ? Int16(POLLIN) : 0) | (isWriting != 0 ? Int16(POLLOUT) : 0)
                Unmanaged<Inbox>.fromOpaque(inbox).takeUnretainedValue().sockets[socket] = events == 0 ? nil : events
            },
            Unmanaged.passUnretained(inbox).toOpaque(),
            &error
        )
        guard let opened else {
            let place = servers.map { "name servers \($0)" } ?? options.configurationPath
            throw NameResolverError(description: "\(place): \(error.map { String(cString: $0) } ?? "unknown error")")
        }
        channel = opened
        var domains: [String] = []
        while let domain = ccares_domain(opened, CInt(domains.count)) { domains.append(String(cString: domain)) }
        search = SearchList(domains: domains, dots: Int(ccares_dots(opened)))
        usesHosts = ccares_uses_hosts(opened) != 0
        usesServers = ccares_uses_servers(opened) != 0
    }

    /// The open questions are answered into the inbox, where nobody looks any more.
    deinit { ccares_close(channel) }

    /// Asks for both families of a full name; the replies come with ``takeReplies()``, perhaps at once.
    func ask(_ name: String, query: UInt64) {
        for family in [IPAddress.Family.ipv6, .ipv4] {
            guard usesServers else {
                inbox.replies.append(Reply(query: query, family: family, answer: .noSuchName, isSilence: false))
                continue
            }
            let question = Unmanaged.passRetained(Question(inbox: inbox, query: query, family: family))
            ccares_ask(
                channel,
                name,
                family == .ipv6 ? 1 : 0,
                { argument, result, text, addresses, count in
                    guard let argument else { return }
                    let question = Unmanaged<Question>.fromOpaque(argument).takeRetainedValue()
                    let records = UnsafeBufferPointer(start: addresses, count: Int(count))
                    let words = text.map { String(cString: $0) } ?? ""
                    let answer = CaresChannel.answer(Int(result), words, records, question.family)
                    let isSilence = Int(result) == Int(ccares_timeout)
                    question.inbox.replies.append(
                        Reply(query: question.query, family: question.family, answer: answer, isSilence: isSilence)
                    )
                },
                question.toOpaque()
            )
        }
    }

    func takeReplies() -> [Reply] {
        defer { inbox.replies.removeAll(keepingCapacity: true) }
        return inbox.replies
    }

    /// The addresses of a name of the hosts file, or of `localhost`, which means this machine everywhere (RFC 6761).
    func hostsAnswer(for host: String) -> NameOutcome? {
        if usesHosts {
            let outcome = NameOutcome(ipv6: hostsAnswer(for: host, .ipv6), ipv4: hostsAnswer(for: host, .ipv4))
            if case .addresses = outcome { return outcome }
        }
        let name = host.lowercased()
        guard name == "localhost" || name == "localhost." || name.hasSuffix(".localhost") else { return nil }
        return .addresses(["::1", "127.0.0.1"].compactMap { IPAddress($0) }, timeToLive: 0)
    }

    private func hostsAnswer(for host: String, _ family: IPAddress.Family) -> FamilyAnswer {
        var records = [ccares_address](repeating: ccares_address(), count: Int(Self.maximumHosts))
        let count = ccares_hosts(channel, host, family == .ipv6 ? 1 : 0, &records, Self.maximumHosts)
        return count == 0 ? .noSuchName : .addresses(records.prefix(Int(count)).map { Self.address($0, family) })
    }

    /// The open sockets and the `poll` events that each waits for; two for each name server at most.
    var sockets: [CInt: Int16] { inbox.sockets }

    /// The time until ``process(_:)`` is to be called even if no socket is ready; `nil` if nothing is being asked.
    var wait: Duration? {
        let microseconds = ccares_wait(channel)
        return microseconds < 0 ? nil : .microseconds(microseconds)
    }

    /// Reads and writes what is ready, and goes on to the next try where one has taken too long.
    func process(_ ready: some Sequence<pollfd>) {
        for socket in ready where socket.revents != 0 {
            // An error is found by reading.
            let isReadable = socket.revents & Int16(POLLIN | POLLERR | POLLHUP) != 0
            let isWritable = socket.revents & Int16(POLLOUT) != 0
            ccares_process(channel, isReadable ? socket.fd : -1, isWritable ? socket.fd : -1)
        }
        ccares_process(channel, -1, -1)
    }

    /// What an answer is about: only a definite "no such name" or "no address" is about the name.
    private static func answer(
        _ result: Int,
        _ text: String,
        _ records: UnsafeBufferPointer<ccares_address>,
        _ family: IPAddress.Family
    ) -> FamilyAnswer {
        switch result {
        case Int(ccares_success):
            records.isEmpty ? .noAddress : .addresses(records.map { address($0, family) })
        case Int(ccares_no_data): .noAddress
        case Int(ccares_no_such_name): .noSuchName
        case Int(ccares_no_memory): .trouble(.memory)
        case Int(ccares_no_server):
            .trouble(areDescriptorsExhausted ? .descriptors : .resolver("no name server could answer the question"))
        default: .trouble(.resolver(text))
        }
    }

    private static func address(_ record: ccares_address, _ family: IPAddress.Family) -> TimedAddress {
        let address = withUnsafeBytes(of: record.bytes) { bytes in
            switch family {
            case .ipv4: IPAddress(bytes.loadUnaligned(as: in_addr.self))
            case .ipv6: IPAddress(bytes.loadUnaligned(as: in6_addr.self))
            }
        }
        return TimedAddress(address: address, timeToLive: Int(record.time_to_live))
    }

    /// c-ares does not say why it got no socket.
    private static var areDescriptorsExhausted: Bool {
        let descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno == EMFILE || errno == ENFILE }
        close(descriptor)
        return false
    }
}
