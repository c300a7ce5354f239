import FailoverCore
import Foundation
import TestSupport
import Testing

@testable import FailoverDaemon

struct CredentialCheckTests {
    private static func configuration(_ credentials: [(EndpointName, Credential?)]) -> Configuration {
        Configuration(
            vantage: "here",
            endpoints: credentials.map { name, credential in
                let http = HTTPProbe(address: HostPort(host: "127.0.0.1", port: 9))
                let chat = ChatProbe(http: http, credential: credential, model: "m")
                let probe = ProbeConfiguration(request: .chat(chat), latencyObjective: .seconds(1))
                return EndpointConfiguration(name: name, region: "r", publicURL: "http://127.0.0.1:9", probes: [probe])
            },
            routes: [],
            outputs: OutputConfiguration()
        )
    }

    @Test func missingCredentialsAreNamedWithWhoWantsThem() async throws {
        try await withTemporaryDirectory { directory in
            try Data("sk-1\n".utf8).write(to: URL(filePath: directory.path + "/known"))
            try Data("sk-2\n".utf8).write(to: URL(filePath: directory.path + "/key_shared"))
            let configuration = Self.configuration([
                ("a", .systemd(name: "lost")), ("b", .systemd(name: "known")), ("c", .systemd(name: "lost")),
                ("of a directory", .systemd(name: "shared")), ("d", .file(path: "/nowhere")), ("e", nil),
            ])
            let end =
                "Put the key into /etc/failoverd/credentials/lost and restart; until then these probes say nothing"
            #expect(
                CredentialCheck(directory: directory.path).warnings(configuration) == [
                    "credential lost of a, c is missing: \(directory.path) has no readable file of that name. \(end)"
                ]
            )
            #expect(
                CredentialCheck(directory: nil).warnings(configuration).first
                    == "credential lost of a, c is missing: systemd handed no credentials over. \(end)"
            )
        }
    }
}
