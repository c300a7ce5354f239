import FailoverConfig
import FailoverCore
import Foundation
import Testing

/// Files with certificates, keys and passwords are looked into when the configuration is read.
@Suite final class CredentialFileTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "failoverd-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private static let certificate = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"
    private static let key = "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n"

    /// The path of a new file.
    private func write(_ text: String, mode: Int = 0o640) throws -> String {
        let path = folder.appending(path: UUID().uuidString).path
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    private func yaml(_ settings: String) -> String {
        file(url: "https://name/v1", probe: "slo: { latency: { p99: 3s } }, \(settings)")
    }

    @Test func clientCertificateIsReadAndNamed() throws {
        let (ca, certificate) = (try write(Self.certificate), try write(Self.certificate, mode: 0o644))
        let key = try write(Self.key)
        let yaml = yaml(
            "tls: { ca_file: \"\(ca)\", certificate_file: \"\(certificate)\", key_file: \"\(key)\", min_version: 1.3 }"
        )
        let loaded = try load(yaml)
        let tls = TLSSettings(
            caFile: ca,
            clientCertificate: ClientCertificate(certificateFile: certificate, keyFile: key),
            minimumVersion: .tls13
        )
        #expect(loaded.configuration.endpoints[0].probes[0].request.tls == tls)
        #expect(loaded.warnings == [])
        #expect(
            ConfigurationMeaning(loaded.configuration).connections.map(\.notes) == [
                [
                    "trust the roots in \(ca) and no others", "show the certificate \(certificate) if asked",
                    "accept TLS 1.3 or later",
                ].map { $0.replacing(ca, with: Self.shown(ca)).replacing(certificate, with: Self.shown(certificate)) }
            ]
        )
        let text = ResolvedConfigurationText(loaded.configuration).text
        #expect(!text.contains("s3cret"))
        #expect(try load(text).configuration == loaded.configuration)
    }

    /// Messages cut long pieces of a file off.
    private static func shown(_ path: String) -> String { path.count > 60 ? path.prefix(60) + "…" : path }

    @Test(arguments: [
        "BEGIN PRIVATE KEY", "BEGIN EC PRIVATE KEY", "BEGIN RSA PRIVATE KEY",
    ])
    func privateKeysOfEveryNotationAreAccepted(notation: String) throws {
        let certificate = try write(Self.certificate)
        let key = try write("Bag Attributes\n-----\(notation)-----\ns3cret\n")
        #expect(refusals(yaml("tls: { certificate_file: \"\(certificate)\", key_file: \"\(key)\" }")) == [])
    }

    @Test(arguments: [
        ("", "without a private key"), ("-----BEGIN CERTIFICATE-----\n", "without a private key"),
        ("-----BEGIN PUBLIC KEY-----\n", "without a private key"),
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----\ns3cret\n", "with a key behind a passphrase"),
        ("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", "with a key behind a passphrase"),
    ])
    func fileWithoutAUsableKeyIsRefused(text: String, fault: String) throws {
        let certificate = try write(Self.certificate)
        let key = try write(text)
        #expect(
            refusals(yaml("tls: { certificate_file: \"\(certificate)\", key_file: \"\(key)\" }")) == [
                "config.yaml:4: endpoints.a.probe.tls.key_file: found \"\(Self.shown(key))\" \(fault), "
                    + "allowed: a readable PEM file with a private key, without a passphrase"
            ]
        )
    }

    @Test func defaultsAndEndpointsTogetherMayGiveThePair() throws {
        let (certificate, key) = (try write(Self.certificate), try write(Self.key))
        let defaults = "{ probe: { tls: { key_file: \"\(key)\" } } }"
        let probe = "slo: { latency: { p99: 3s } }, tls: { certificate_file: \"\(certificate)\" }"
        // The other endpoint speaks without TLS, but would have half a pair.
        let told = refusals(file(url: "https://name", probe: probe, defaults: defaults))
        #expect(told == [])
    }

    @Test(arguments: ["me:s3cret", "me:s3cret\n", "me:s3cret\r\nother line\n", "me:", "me:s3:cret\n"])
    func credentialsOfAProxyAreAccepted(text: String) throws {
        let path = try write(text)
        let loaded = try load(yaml("proxy: { url: \"http://gw:3128\", credential_file: \"\(path)\" }"))
        #expect(
            loaded.configuration.endpoints[0].probes[0].connection
                == ConnectionSettings(
                    proxy: ProxySettings(address: HostPort(host: "gw", port: 3128), credentialFile: path)
                )
        )
        #expect(loaded.warnings == [])
        #expect(
            ConfigurationMeaning(loaded.configuration).connections.map(\.notes) == [
                ["go through the proxy gw:3128, with the credentials in \(Self.shown(path))"]
            ]
        )
        #expect(try load(ResolvedConfigurationText(loaded.configuration).text).configuration == loaded.configuration)
    }

    @Test(arguments: ["", "\nme:s3cret\n", "s3cret", ":s3cret", "me:s3\u{1}cret"])
    func fileWithoutCredentialsIsRefused(text: String) throws {
        let path = try write(text)
        #expect(
            refusals(yaml("proxy: { url: \"http://gw:3128\", credential_file: \"\(path)\" }")) == [
                "config.yaml:4: endpoints.a.probe.proxy.credential_file: found \"\(Self.shown(path))\" "
                    + "without user:password in its first line, "
                    + "allowed: a readable file with user:password in its first line"
            ]
        )
    }

    @Test func secretsThatEverybodyCanReadAreWarnedOf() throws {
        let certificate = try write(Self.certificate, mode: 0o644)
        let (key, credentials) = (try write(Self.key, mode: 0o644), try write("me:s3cret", mode: 0o604))
        let yaml = yaml(
            "tls: { certificate_file: \"\(certificate)\", key_file: \"\(key)\" }, "
                + "proxy: { url: \"http://gw:3128\", credential_file: \"\(credentials)\" }"
        )
        let place = "config.yaml:4: endpoints.a.probe"
        let warning = "every user of this machine can read"
        #expect(
            try load(yaml).warnings.map(\.description) == [
                "\(place).proxy.credential_file: \(warning) \"\(Self.shown(credentials))\": chmod 0640 or less",
                "\(place).tls.key_file: \(warning) \"\(Self.shown(key))\": chmod 0640 or less",
            ]
        )
    }

    // MARK: Keys of chats

    private func chat(_ settings: String) -> String {
        file(url: "https://name/v1", probe: "type: openai-chat, model: m, slo: { ttft: { p99: 1s } }, \(settings)")
    }

    @Test(arguments: ["s3cret", "s3cret\n", "s3cret\r\n", "sk-s3cret~!/+=\n\n"])
    func keyOfAChatIsAccepted(text: String) throws {
        let path = try write(text)
        let loaded = try load(chat("credential_file: \"\(path)\""))
        guard case .chat(let chat) = loaded.configuration.endpoints[0].probes[0].request else {
            Issue.record("no chat")
            return
        }
        #expect(chat.credential == .file(path: path))
        #expect(loaded.warnings == [])
        #expect(try load(ResolvedConfigurationText(loaded.configuration).text).configuration == loaded.configuration)
    }

    @Test(arguments: [
        ("", "without a secret in its first line"), ("\ns3cret\n", "without a secret in its first line"),
        ("s3cret\nother\n", "with several lines"),
        ("Bearer s3cret", "with spaces or other than visible ASCII characters"),
        ("s3cret\u{7f}", "with spaces or other than visible ASCII characters"),
        ("s3crét", "with spaces or other than visible ASCII characters"),
    ])
    func fileWithoutAKeyIsRefused(text: String, fault: String) throws {
        let path = try write(text)
        #expect(
            refusals(chat("credential_file: \"\(path)\"")) == [
                "config.yaml:4: endpoints.a.probe.credential_file: found \"\(Self.shown(path))\" \(fault), "
                    + "allowed: a readable file with the secret in its only line"
            ]
        )
    }

    @Test func keyThatEverybodyCanReadIsWarnedOf() throws {
        let path = try write("s3cret", mode: 0o644)
        #expect(
            try load(chat("credential_file: \"\(path)\"")).warnings.map(\.description) == [
                "config.yaml:4: endpoints.a.probe.credential_file: every user of this machine can read "
                    + "\"\(Self.shown(path))\": chmod 0640 or less"
            ]
        )
    }
}
