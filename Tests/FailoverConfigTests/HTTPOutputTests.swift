import FailoverConfig
import FailoverCore
import Foundation
import Testing

/// Where the page is served.
@Suite struct HTTPOutputTests {
    private func text(_ http: String) throws -> String {
        try Fixtures.text("good/minimal.yaml") + "\noutputs: { http: { \(http) } }\n"
    }

    @Test(arguments: [
        (#"listen: "127.0.0.1:9464""#, HTTPOutputConfiguration(listen: HostPort(host: "127.0.0.1", port: 9464))),
        (#"listen: "[::1]:9464""#, HTTPOutputConfiguration(listen: HostPort(host: "::1", port: 9464))),
        (
            #"listen: "0.0.0.0:9464", token: page, hosts: [Failover.Example.com, failover]"#,
            HTTPOutputConfiguration(
                listen: HostPort(host: "0.0.0.0", port: 9464),
                token: .systemd(name: "page"),
                hosts: ["failover.example.com", "failover"]
            )
        ),
    ])
    func itIsReadAndWrittenTheSame(http: String, configuration: HTTPOutputConfiguration) throws {
        let loaded = try load(text(http))
        #expect(loaded.configuration.outputs.http == configuration)
        #expect(loaded.warnings.allSatisfy { $0.keyPath == "routes.chat.endpoints" })
        let again = try load(ResolvedConfigurationText(loaded.configuration).text)
        #expect(again.configuration.outputs.http == configuration)
    }

    @Test func nothingIsServedWithoutIt() throws {
        #expect(try load(Fixtures.text("good/minimal.yaml")).configuration.outputs.http == nil)
    }

    @Test(arguments: [
        (
            #"listen: "0.0.0.0:9464""#,
            "outputs.http.listen: found 0.0.0.0:9464, which others than this machine can reach, without a token, "
                + "allowed: an address of this machine alone, such as 127.0.0.1:9464, or a token beside it "
                + "(token_file: PATH names a file with the token in its only line)"
        ),
        (
            #"listen: "127.0.0.1:9464", token: a, token_file: /etc/hostname"#,
            "outputs.http.token_file: found both token and token_file, allowed: one of them"
        ),
        (
            #"listen: "127.0.0.1:9464", hosts: []"#,
            "outputs.http.hosts: found an empty list, allowed: 1 to 32 names"
        ),
        (
            #"listen: "127.0.0.1:9464", hosts: ["a:1"]"#,
            "outputs.http.hosts[0]: found \"a:1\", allowed: the name of a host, such as failover.example.com, "
                + "without a port"
        ),
        (
            #"listen: "127.0.0.1:9464", hosts: failover"#,
            "outputs.http.hosts: found text, allowed: a list of names, such as [failover.example.com]"
        ),
        ("hosts: [a]", "outputs.http.listen: found nothing, allowed: ADDRESS:PORT, such as 127.0.0.1:8701"),
    ])
    func whatIsWrongIsSaid(http: String, refusal: String) throws {
        let found = try refusals(text(http)).map { $0.drop { $0 != " " }.dropFirst() }.map(String.init)
        #expect(found == [refusal])
    }

    @Test func aTokenFileIsLookedInto() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "failoverd-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let http = #"listen: "192.0.2.1:9464", token_file: \#(file.path)"#
        #expect(try refusals(text(http)).count == 1)
        try Data("secret secret\n".utf8).write(to: file)
        #expect(try refusals(text(http)).first?.contains("secret secret") == false)
        try Data("0123456789abcdef\n".utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        #expect(try load(text(http)).configuration.outputs.http?.token == .file(path: file.path))
    }
}
