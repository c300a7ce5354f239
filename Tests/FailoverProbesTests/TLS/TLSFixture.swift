import FailoverCore
import Foundation
import NIOCore
import NIOSSL

@testable import FailoverProbes

/// Certificates beyond the common ones: a chain with an intermediate, and a client's.
struct TLSFixture {
    let directory: TemporaryDirectory
    let certificates: Certificates

    init() throws {
        directory = try TemporaryDirectory()
        certificates = try Certificates(in: directory)
        try authority("middle", by: "ca")
        try leaf("behind", by: "middle")
        try leaf("client", by: "ca")
        try openssl("ec", "-in", "client.key", "-aes128", "-passout", "pass:secret", "-out", "encrypted.key")
        try directory.write("not a certificate\n", to: "garbage.pem")
        let chain = try ["behind", "middle"].map { try String(contentsOfFile: path("\($0).pem"), encoding: .utf8) }
        try directory.write(chain.joined(), to: "chain.pem")
    }

    func remove() { directory.remove() }
    func path(_ name: String) -> String { directory.path(name) }

    private func authority(_ name: String, by issuer: String) throws {
        try issue(name, issuer, ["basicConstraints=critical,CA:true", "keyUsage=critical,keyCertSign"])
    }

    private func leaf(_ name: String, by issuer: String) throws {
        try issue(name, issuer, ["subjectAltName=DNS:localhost,IP:127.0.0.1"])
    }

    private func issue(_ name: String, _ issuer: String, _ extensions: [String]) throws {
        try openssl(
            ["req", "-new", "-subj", "/CN=Test \(name)", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
                + ["-nodes", "-keyout", "\(name).key", "-out", "\(name).csr"]
                + extensions.flatMap { ["-addext", $0] }
        )
        try openssl([
            "x509", "-req", "-in", "\(name).csr", "-CA", "\(issuer).pem", "-CAkey", "\(issuer).key", "-CAcreateserial",
            "-copy_extensions", "copy", "-days", "30", "-out", "\(name).pem",
        ])
    }

    private func openssl(_ arguments: String...) throws { try openssl(arguments) }
    private func openssl(_ arguments: [String]) throws {
        try runCommand(opensslPath, arguments, in: directory.url)
    }

    func settings(client: String? = nil, minimum: FailoverCore.TLSVersion = .tls12) -> TLSSettings {
        TLSSettings(
            caFile: certificates.authority,
            clientCertificate: client.map {
                ClientCertificate(certificateFile: path("\($0).pem"), keyFile: path("\($0).key"))
            },
            minimumVersion: minimum
        )
    }
}

let opensslPath = findCommand("/usr/bin/openssl", "/usr/local/bin/openssl") ?? "openssl"

/// The TLS server of the openssl command, on a free loopback port.
final class OpenSSLServer {
    let port: Int
    let process = Process()
    private let output = Pipe()

    struct Failure: Error { let output: String }

    init(certificate: String, key: String, in directory: TemporaryDirectory, _ options: [String] = []) throws {
        process.executableURL = URL(fileURLWithPath: opensslPath)
        process.arguments =
            ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www"] + options
        process.currentDirectoryURL = directory.url
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = ""
        while true {
            let bytes = output.fileHandleForReading.availableData
            if bytes.isEmpty { throw Failure(output: text) }
            text += String(decoding: bytes, as: UTF8.self)
            let line = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .first { $0.hasPrefix("ACCEPT 127.0.0.1:") }
            if let line, let found = Int(line.dropFirst("ACCEPT 127.0.0.1:".count)) {
                port = found
                return
            }
        }
    }

    func stop() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// Carries bytes between a session and a server, with a blocking socket.
struct Wire {
    let descriptor: CInt
    /// How many bytes are given to the session at once.
    let piece: Int

    struct Failure: Error {
        let what: String
        let errno: CInt
    }

    init(port: Int, piece: Int = .max) throws {
        self.piece = piece
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7f00_0001)).bigEndian
        let descriptor = descriptor
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(what: "connect", errno: errno) }
    }

    func close() { Foundation.close(descriptor) }

    /// Sends what the session has to say; a peer that is gone shows when it is read from.
    func send(from session: TLSSession) {
        while session.hasOutput {
            var isGone = false
            session.withOutput { bytes in
                let count = Foundation.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                isGone = count < 0
                return max(count, 0)
            }
            if isGone { _ = session.takeOutput() }
        }
    }

    /// Reads once, blocking, and gives the session what came, or the end.
    func receive(into session: TLSSession) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return session.receiveEnd() }
        var rest = buffer[..<count]
        while !rest.isEmpty {
            rest.prefix(piece).withUnsafeBytes { session.receive($0) }
            rest = rest.dropFirst(piece)
        }
    }

    /// Carries bytes until the handshake is over, and answers how it ended.
    func shakeHands(_ session: TLSSession) -> TLSSession.State {
        session.start()
        send(from: session)
        while session.state == .handshaking {
            receive(into: session)
            send(from: session)
        }
        return session.state
    }

    /// Sends a request and reads until the session is over; what came.
    func exchange(_ request: String, over session: TLSSession) -> String {
        session.send(ByteBuffer(string: request))
        var answer = ""
        while true {
            send(from: session)
            if let plaintext = session.takePlaintext() { answer += String(buffer: plaintext) }
            guard case .open = session.state else { return answer }
            receive(into: session)
        }
    }
}

/// One handshake with a server on `port`.
func handshake(
    port: Int,
    settings: TLSSettings,
    name: String = "localhost",
    protocols: ApplicationProtocols = .http1,
    piece: Int = .max,
    then: (Wire, TLSSession) throws -> Void = { _, _ in }
) throws -> TLSSession.State {
    let context = try TLSContexts().context(for: TLSContextKey(settings, protocols: protocols)).get()
    let session = TLSSession(
        context: context,
        serverName: name,
        loop: SessionLoop(wallSeconds: { Int(Date().timeIntervalSince1970) })
    )
    let wire = try Wire(port: port, piece: piece)
    defer { wire.close() }
    if case .open = wire.shakeHands(session) { try then(wire, session) }
    return session.state
}
