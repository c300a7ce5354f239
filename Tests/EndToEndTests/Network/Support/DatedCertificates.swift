import Foundation
import TestSupport

/// An authority that issues certificates for any time, and for clients.
struct DatedCertificates: Sendable {
    let authority: String
    private let directory: TemporaryDirectory

    /// A certificate, and its key in a file of its own.
    struct Issued: Hashable, Sendable {
        let certificate: String
        let key: String
    }

    init(on stage: Stage) throws {
        directory = stage.directory
        authority = directory.path("dated-ca.pem")
        let place = directory.path
        try stage.write("", to: "dated-index")
        try stage.write("01\n", to: "dated-serial")
        try stage.write(
            """
            [ca]
            default_ca = any
            [any]
            certificate = \(authority)
            private_key = \(place)/dated-ca.key
            database = \(place)/dated-index
            serial = \(place)/dated-serial
            new_certs_dir = \(place)
            default_md = sha256
            policy = nothing
            unique_subject = no
            copy_extensions = copy
            [nothing]
            commonName = supplied

            """,
            to: "dated-ca.cnf"
        )
        try Self.openssl(
            ["req", "-x509", "-subj", "/CN=Dated authority", "-days", "60", "-out", authority]
                + ["-addext", "keyUsage=critical,keyCertSign"] + Self.newKey(place + "/dated-ca.key")
        )
    }

    /// Issues a certificate that is good from so many days before now until so many days after now; an end in the past is negative.
    ///
    /// `names` is written as in `subjectAltName`.
    func issue(_ name: String, for names: String, daysAgo: Double = 1, daysLeft: Double = 29) throws -> Issued {
        let issued = Issued(certificate: directory.path(name + ".crt"), key: directory.path(name + ".key"))
        let request = directory.path(name + ".csr")
        try Self.openssl(
            ["req", "-new", "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(names)", "-out", request]
                + Self.newKey(issued.key)
        )
        try Self.openssl(
            ["ca", "-batch", "-notext", "-config", directory.path("dated-ca.cnf"), "-in", request]
                + ["-out", issued.certificate, "-startdate", Self.date(-daysAgo), "-enddate", Self.date(daysLeft)]
        )
        return issued
    }

    private static func date(_ days: Double) -> String {
        var seconds = time(nil) + Int(days * 86_400)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        return "\(1900 + Int(parts.tm_year))" + two(parts.tm_mon + 1) + two(parts.tm_mday)
            + two(parts.tm_hour) + two(parts.tm_min) + two(parts.tm_sec) + "Z"
    }

    private static func newKey(_ file: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", file]
    }

    private static func openssl(_ arguments: [String]) throws { try checked("/usr/bin/openssl", arguments) }
}
