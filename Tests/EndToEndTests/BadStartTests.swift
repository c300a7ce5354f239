import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What keeps the daemon from starting, and what it says then.
    @Suite struct BadStartTests {
        @Test func everyErrorOfTheConfigurationIsToldAndNothingIsMade() async throws {
            try await withStage { stage in
                try stage.write(
                    """
                    version: 1
                    endpoints:
                      a: { region: here, url: "ftp://127.0.0.1", probe: { interval: 5 } }
                    routes:
                      main: { endpoints: [a, b], decision: { preset: fsat } }
                    outputs:
                      state_file: \(stage.place.stateFile)
                      socket: \(stage.place.socket)
                      state_directory: \(stage.place.memory)
                    """,
                    to: "config.yaml"
                )
                let daemon = try stage.startDaemon()
                #expect(try await daemon.ending() == .exit(78))
                let file = stage.configurationFile
                let said = stage.said().split(separator: "\n").map(String.init)
                for place in [
                    "\(file):3: endpoints.a.url:", "\(file):3: endpoints.a.probe.interval:",
                    "\(file):5: routes.main.endpoints", "\(file):5: routes.main.decision.preset:",
                ] {
                    #expect(said.count { $0.hasPrefix("failoverd: \(place)") } == 1, "\(place) in \(said)")
                }
                #expect(said.allSatisfy { $0.hasPrefix("failoverd: \(file):") && $0.contains("allowed: ") })
                let names = try FileManager.default.contentsOfDirectory(atPath: stage.directory.path).sorted()
                #expect(names == ["config.yaml", "failoverd.log"])
            }
        }

        @Test func aMissingConfigurationIsTold() async throws {
            try await withStage { stage in
                let daemon = try stage.startDaemon()
                #expect(try await daemon.ending() == .exit(78))
                #expect(stage.said().contains(stage.configurationFile))
            }
        }

        @Test func aFileInTheWayOfTheStateDirectoryIsTold() async throws {
            try await withStage { stage in
                try stage.configure(Self.setup)
                try stage.write("mine", to: "memory")
                let daemon = try stage.startDaemon()
                #expect(try await daemon.ending() == .exit(73))
                #expect(
                    stage.said() == "failoverd: \(stage.place.memory) is in the way: a directory is needed there\n"
                )
                #expect(try String(contentsOfFile: stage.place.memory, encoding: .utf8) == "mine")
            }
        }

        @Test(.enabled(if: canMount)) func aReadOnlyStateDirectoryIsTold() async throws {
            try await withTemporaryDisk("ro,size=64k") { disk in
                try await withStage { stage in
                    var place = stage.place
                    place.memory = disk.path
                    try stage.write(Self.setup.text(in: place), to: "config.yaml")
                    let daemon = try stage.startDaemon()
                    #expect(try await daemon.ending() == .exit(73))
                    #expect(
                        stage.said()
                            == "failoverd: cannot open \(disk.path)/lock: Read-only file system (EROFS)\n"
                    )
                }
            }
        }

        @Test func aFileInTheWayOfTheSocketIsLeftAlone() async throws {
            try await withStage { stage in
                try stage.configure(Self.setup)
                try FileManager.default.createDirectory(
                    atPath: stage.directory.path("run"),
                    withIntermediateDirectories: true
                )
                try stage.write("mine", to: "run/failoverd.sock")
                let daemon = try stage.startDaemon()
                #expect(try await daemon.ending() == .exit(69))
                #expect(stage.said().contains("failoverd: \(stage.place.socket) exists and is not a socket"))
                #expect(try String(contentsOfFile: stage.place.socket, encoding: .utf8) == "mine")
            }
        }

        @Test func aSocketPathThatIsTooLongIsTold() async throws {
            try await withStage { stage in
                var place = stage.place
                place.socket = stage.directory.path(String(repeating: "s", count: 100))
                try stage.write(Self.setup.text(in: place), to: "config.yaml")
                let inFile = try stage.startDaemon()
                #expect(try await inFile.ending() == .exit(78))
                #expect(stage.said().contains("outputs.socket: found \(place.socket.utf8.count) bytes"))
                try stage.configure(Self.setup)
                let onCommandLine = try stage.startDaemon(["--socket", place.socket])
                #expect(try await onCommandLine.ending() == .exit(69))
                #expect(stage.said().contains("failoverd: socket path is too long: \(place.socket)"))
            }
        }

        @Test func aSecondDaemonStartsNeitherOnTheFileNorOnTheMemoryNorOnTheSocket() async throws {
            try await withStage { first in
                try first.configure(Self.setup)
                let daemon = try await first.runDaemon()
                let elsewhere = Place(in: first.directory.path + "/second")
                for (share, code, text) in [
                    (\Place.stateFile, 69, "another failoverd (process \(daemon.identifier)) holds"),
                    (\Place.memory, 69, "another failoverd (process \(daemon.identifier)) holds"),
                    (\Place.socket, 69, "socket \(first.place.socket) belongs to a living daemon"),
                ] as [(WritableKeyPath<Place, String>, Int32, String)] {
                    var place = elsewhere
                    place[keyPath: share] = first.place[keyPath: share]
                    try await withStage(place: place) { second in
                        try second.configure(Self.setup)
                        let other = try second.startDaemon()
                        #expect(try await other.ending() == .exit(code))
                        #expect(second.said().contains("failoverd: \(text)"))
                    }
                }
                #expect(daemon.isRunning)
                #expect(try first.ctl("status").status == 0)
            }
        }

        /// An endpoint that refuses connections; nothing here gets as far as to mind.
        private static var setup: Setup { Setup([.init(name: "a", url: "http://127.0.0.1:1")]) }
    }
}
