import Foundation

/// Certificates for `localhost` and `127.0.0.1`, made with the openssl command: one good, the others each wrong in
/// one way.
struct Certificates: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case good
        case wrongName = "wrong-name"
        case expired, future, unknown
        case selfSigned = "self-signed"
    }

    let directory: TemporaryDirectory

    /// The authority to trust.
    var authority: String { directory.path("ca.pem") }

    func certificate(_ kind: Kind) -> String { directory.path("\(kind.rawValue).pem") }
    func key(_ kind: Kind) -> String { directory.path("\(kind.rawValue).key") }

    init(in directory: TemporaryDirectory) throws {
        self.directory = directory
        try makeAuthority("ca")
        try makeAuthority("stranger")
        let names = "DNS:localhost,IP:127.0.0.1"
        try issue(.good, names: names, by: "ca", from: "20200101000000Z", to: "20991231000000Z")
        try issue(.wrongName, names: "DNS:other.example", by: "ca", from: "20200101000000Z", to: "20991231000000Z")
        try issue(.expired, names: names, by: "ca", from: "20200101000000Z", to: "20210101000000Z")
        try issue(.future, names: names, by: "ca", from: "20980101000000Z", to: "20991231000000Z")
        try issue(.unknown, names: names, by: "stranger", from: "20200101000000Z", to: "20991231000000Z")
        try openssl(
            ["req", "-x509", "-subj", "/CN=localhost", "-addext", "subjectAltName=\(names)", "-days", "30"]
                + newKey("self-signed.key") + ["-out", "self-signed.pem"]
        )
    }

    private func makeAuthority(_ name: String) throws {
        try openssl(
            ["req", "-x509", "-subj", "/CN=Test \(name)", "-days", "3650"] + newKey("\(name).key")
                + ["-addext", "keyUsage=critical,keyCertSign", "-out", "\(name).pem"]
        )
        try directory.write("", to: "\(name).index")
        try directory.write("01\n", to: "\(name).serial")
        try FileManager.default.createDirectory(
            atPath: directory.path("\(name).new"),
            withIntermediateDirectories: true
        )
        try directory.write(
            """
            [ca]
            default_ca = main
            [main]
            database = \(name).index
            serial = \(name).serial
            new_certs_dir = \(name).new
            certificate = \(name).pem
            private_key = \(name).key
            default_md = sha256
            policy = policy
            copy_extensions = copy
            unique_subject = no
            [policy]
            commonName = supplied
            """,
            to: "\(name).cnf"
        )
    }

    private func issue(_ kind: Kind, names: String, by authority: String, from: String, to: String) throws {
        let name = kind.rawValue
        try openssl(
            ["req", "-new", "-subj", "/CN=localhost", "-addext", "subjectAltName=\(names)"]
                + newKey("\(name).key") + ["-out", "\(name).csr"]
        )
        try openssl([
            "ca", "-batch", "-notext", "-config", "\(authority).cnf", "-startdate", from, "-enddate", to,
            "-in", "\(name).csr", "-out", "\(name).pem",
        ])
    }

    private func newKey(_ file: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file]
    }

    private func openssl(_ arguments: [String]) throws {
        try runCommand(
            findCommand("/usr/bin/openssl", "/usr/local/bin/openssl") ?? "openssl",
            arguments,
            in: directory.url
        )
    }
}
