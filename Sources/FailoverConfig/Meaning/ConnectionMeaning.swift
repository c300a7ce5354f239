import FailoverCore

/// How some probes reach their endpoints, as far as it differs from the usual.
package struct ConnectionMeaning: Hashable, Sendable, CustomStringConvertible {
    /// Endpoints in configuration order, with the name of the probe where it has one; at least one.
    package let probes: [String]
    /// One piece of plain words each; at least one.
    package let notes: [String]

    /// A heading and indented lines.
    package var description: String {
        (["probes of \(ShownText.list(probes))"] + notes.map { "  \($0)" }).joined(separator: "\n")
    }

    /// What is unusual about the connections of `endpoints`; probes with the same notes are one entry.
    static func all(of endpoints: [EndpointConfiguration]) -> [ConnectionMeaning] {
        var order: [[String]] = []
        var names: [[String]: [String]] = [:]
        for endpoint in endpoints {
            for probe in endpoint.probes {
                let notes = notes(on: probe)
                guard !notes.isEmpty else { continue }
                if names[notes] == nil { order.append(notes) }
                let isNamed = probe.name != .default
                names[notes, default: []].append("\(endpoint.name)\(isNamed ? " (\(probe.name))" : "")")
            }
        }
        return order.map { ConnectionMeaning(probes: names[$0] ?? [], notes: $0) }
    }

    private static func notes(on probe: ProbeConfiguration) -> [String] {
        var notes: [String] = []
        switch probe.request {
        case .http(let request): if let version = version(request) { notes.append(version) }
        case .chat(let chat): if let version = version(chat.http) { notes.append(version) }
        case .tls, .tcp: break
        }
        let connection = probe.connection
        if case .reuse(let freshEvery) = connection.use {
            notes.append(reuse(freshEvery, probe))
        }
        if connection.tripwire { notes.append("tripwire: hold one idle connection, and probe at once when it breaks") }
        if let proxy = connection.proxy {
            let credentials = proxy.credentialFile.map { ", with the credentials in \(ShownText.cleaned($0))" } ?? ""
            notes.append("go through the proxy \(proxy.address)\(credentials)")
        }
        if let address = connection.sourceAddress, let family = HostText.family(of: address) {
            notes.append("come from \(address), so only \(family.title) addresses are tried")
        }
        return notes + (probe.request.tls.map(self.notes) ?? [])
    }

    private static func version(_ request: HTTPProbe) -> String? {
        switch request.version {
        case .automatic: nil
        case .http1: request.tls == nil ? nil : "speak HTTP/1.1, also where the server prefers HTTP/2"
        case .http2: request.tls == nil ? "speak HTTP/2 at once, without TLS" : "speak HTTP/2 and nothing else"
        }
    }

    private static func reuse(_ freshEvery: Int, _ probe: ProbeConfiguration) -> String {
        let looked = probe.request.tls == nil ? "name resolution and connecting" : "name resolution, connecting and TLS"
        return "reuse their connection: \(looked) are looked at by every \(ordinal(freshEvery)) probe only, "
            + "about every \(DurationText.format(probe.interval * freshEvery))"
    }

    /// `2nd`, `11th`, `23rd`.
    private static func ordinal(_ number: Int) -> String {
        switch (number % 10, number % 100) {
        case (1, let rest) where rest != 11: "\(number)st"
        case (2, let rest) where rest != 12: "\(number)nd"
        case (3, let rest) where rest != 13: "\(number)rd"
        default: "\(number)th"
        }
    }

    private static func notes(_ tls: TLSSettings) -> [String] {
        var notes: [String] = []
        if let file = tls.caFile { notes.append("trust the roots in \(ShownText.cleaned(file)) and no others") }
        if let file = tls.clientCertificate?.certificateFile {
            notes.append("show the certificate \(ShownText.cleaned(file)) if asked")
        }
        if let name = tls.serverName { notes.append("ask for the certificate of \(name)") }
        if tls.minimumVersion != TLSKeys.minimumVersion.fallback {
            notes.append("accept TLS \(tls.minimumVersion.rawValue) or later")
        }
        switch tls.warnBefore {
        case nil: break
        case .zero?: notes.append("do not warn before a certificate expires")
        case let time?: notes.append("warn \(DurationText.format(time)) before a certificate expires")
        }
        return notes
    }
}
