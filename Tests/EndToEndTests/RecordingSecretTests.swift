import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct RecordingSecretTests {
        private static let secret = "sk-secret-4f1d9a7c"

        private static func probe(body: String) -> String {
            "method: POST\n    body: \"\(body)\"\n    expect: { status: [200, \"400-499\"] }"
        }

        /// The body of a request may hold a token; what is recorded is replayed without it.
        @Test func theBodyOfARequestIsInNoRecording() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                var setup = Setup(regions.endpoints(["a", "b"]))
                setup.interval = "300ms"
                setup.decision = Setup.evidence
                setup.probe = Self.probe(body: "token=\(Self.secret)")
                try stage.configure(setup)
                let daemon = try await stage.runDaemon()
                try await stage.allHealthy()
                setup.probe = Self.probe(body: "token=\(Self.secret)-2")
                try stage.configure(setup)
                #expect(try stage.ctl("reload").status == 0)
                try regions.fault("a", "{ status: 503 }")
                _ = try await stage.active("b")
                daemon.send(SIGTERM)
                #expect(try await daemon.ending() == .exit(0))
                let folder = stage.place.memory + "/recordings"
                var text = ""
                for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
                    text += try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
                }
                #expect(!text.contains(Self.secret))
                #expect(text.contains("body: (hidden)") && text.contains(#""changed":["a","b"]"#))
                let replayed = try stage.ctl("replay", folder)
                #expect(replayed.status == 0, "\(replayed)")
                #expect(replayed.standardOutput.contains("replayed exactly"), "\(replayed)")
                #expect(replayed.standardOutput.contains("failover  a -> b"), "\(replayed)")
            }
        }
    }
}
