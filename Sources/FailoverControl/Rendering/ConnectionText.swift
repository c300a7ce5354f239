import FailoverWire
import FoundationEssentials

/// The way of probes to their endpoint, in plain words.
enum ConnectionText {
    /// What deserves attention about an endpoint's connections; a sentence that is not true of all of its probes names those
    /// of which it is.
    static func notes(of connections: [String: StateDocument.Connection], in style: TextStyle) -> [String] {
        var probes: [String: [String]] = [:]
        for (probe, connection) in connections {
            for note in notes(of: connection, in: style) { probes[note, default: []].append(probe) }
        }
        return probes.sorted { $0.key < $1.key }.map { note, probes in
            probes.count == connections.count ? note : probes.sorted().joined(separator: ", ") + ": " + note
        }
    }

    private static func notes(of connection: StateDocument.Connection, in style: TextStyle) -> [String] {
        var notes: [String] = []
        if let failed = connection.failedFamily {
            notes.append("over \(family(connection.family)); \(family(failed)) did not answer")
        }
        if let certificate = connection.certificate, certificate.expiresSoon {
            notes.append(self.certificate(certificate, in: style))
        }
        return notes
    }

    /// `over IPv4 (192.0.2.1:443), HTTP/2, on a kept connection; IPv6 did not answer`.
    static func way(of connection: StateDocument.Connection) -> String {
        let http = connection.http.map { ", HTTP/\($0)" } ?? ""
        let kept = connection.reused ? ", on a kept connection" : ""
        let failed = connection.failedFamily.map { "; \(family($0)) did not answer" } ?? ""
        return "over \(family(connection.family)) (\(connection.address))\(http)\(kept)\(failed)"
    }

    /// `certificate expires soon, in 9 d (2026-12-01)`.
    static func certificate(_ certificate: StateDocument.Certificate, in style: TextStyle) -> String {
        let seconds = Int(certificate.expiresAt.date.timeIntervalSince(style.now.date).rounded(.down))
        let day = Wording.day(certificate.expiresAt, in: style)
        guard seconds >= 0 else { return "certificate expired \(Wording.span(seconds: -seconds)) ago (\(day))" }
        let soon = certificate.expiresSoon ? "soon, " : ""
        return "certificate expires \(soon)in \(Wording.span(seconds: seconds)) (\(day))"
    }

    /// `probing is hampered since 12:03:11 (90 s ago): no file descriptor left`.
    static func trouble(_ trouble: StateDocument.Trouble, in style: TextStyle) -> String {
        let since = "since \(Wording.time(trouble.since, in: style)) (\(Wording.ago(trouble.since, in: style)))"
        return "probing is hampered \(since): \(trouble.text)"
    }

    private static func family(_ family: String) -> String {
        switch family {
        case "ipv4": "IPv4"
        case "ipv6": "IPv6"
        default: family
        }
    }
}
