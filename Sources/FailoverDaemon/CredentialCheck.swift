import FailoverCore
import FailoverProbes
import Glibc

/// Says at the start and on reload which systemd credentials are missing: without its key a probe proves nothing, and the first
/// to notice should not be the person on call.
struct CredentialCheck: Sendable {
    /// `$CREDENTIALS_DIRECTORY`; `nil` if systemd gave none.
    let directory: String?

    /// One line for each missing credential, with the endpoints that want it.
    func warnings(_ configuration: Configuration) -> [String] {
        var order: [String] = []
        var users: [String: [EndpointName]] = [:]
        for endpoint in configuration.endpoints {
            for case .chat(let chat) in endpoint.probes.map(\.request) {
                guard case .systemd(let name) = chat.credential, !isReadable(name) else { continue }
                if users[name] == nil { order.append(name) }
                if users[name]?.last != endpoint.name { users[name, default: []].append(endpoint.name) }
            }
        }
        let place = directory.map { "\($0) has no readable file of that name" } ?? "systemd handed no credentials over"
        return order.map { name in
            let endpoints = (users[name] ?? []).map(\.rawValue).joined(separator: ", ")
            return
                "credential \(name) of \(endpoints) is missing: \(place). Put the key into "
                + "/etc/failoverd/credentials/\(name) and restart; until then these probes say nothing"
        }
    }

    private func isReadable(_ name: String) -> Bool {
        guard let directory else { return false }
        return access(CredentialPlace.path(of: name, in: directory), R_OK) == 0
    }
}
