import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Disks that are full, and memories that are damaged or out of date.
    @Suite struct DiskTests {
        @Test(.enabled(if: canMount)) func aFullDiskUnderTheStateFileKeepsTheOldOneWhole() async throws {
            try await withTemporaryDisk("size=128k") { disk in
                try await withTemporaryDirectory { other in
                    var place = Place(in: other.path)
                    place.stateFile = disk.path("state.json")
                    try await withStage(place: place) { stage in
                        let regions = try await Regions.start(["a", "b"], on: stage)
                        var setup = Setup(regions.endpoints(["a", "b"]))
                        setup.outputs = "write_interval: 500ms"
                        try stage.configure(setup)
                        _ = try await stage.runDaemon()
                        try await stage.allHealthy()
                        try fill(disk)
                        let before = try stage.state()
                        try regions.fault("a", #"{"status": 503}"#)
                        try await condition("the socket tells the move") {
                            try stage.status().routes["main"]?.active == "b"
                        }
                        // Several attempts to write.
                        try await condition("more documents than one") {
                            try stage.status().sequence > before.sequence + 4
                        }
                        let kept = try stage.state()
                        #expect(kept.routes["main"]?.active == "a")
                        #expect(kept.generation == before.generation)
                        #expect(try stage.status().generation == before.generation + 1)
                        #expect(try stage.status().persisted)
                        let said = stage.said().components(separatedBy: "publishing the state fails").count - 1
                        #expect(said == 1, "\(stage.said())")
                        #expect(stage.said().contains("No space left on device (ENOSPC)"))

                        try FileManager.default.removeItem(atPath: disk.path("filler"))
                        let healed = try await stage.active("b")
                        #expect(healed.generation == before.generation + 1)
                        try await condition("the route file follows") { try stage.routeFile("main") == "b\n" }
                        try await condition("the end is told") { stage.said().contains("works again") }
                    }
                }
            }
        }

        @Test(.enabled(if: canMount)) func aFullStateDirectoryDoesNotKeepTrafficOnADeadEndpoint() async throws {
            try await withTemporaryDisk("size=64k") { disk in
                try await withTemporaryDirectory { other in
                    var place = Place(in: other.path)
                    place.memory = disk.path
                    try await withStage(place: place) { stage in
                        let regions = try await Regions.start(["a", "b"], on: stage)
                        try stage.configure(Setup(regions.endpoints(["a", "b"])))
                        let daemon = try await stage.runDaemon()
                        let before = try await stage.allHealthy()
                        #expect(before.persisted)
                        try fill(disk)
                        try regions.fault("a", #"{"status": 503}"#)
                        let left = try await stage.active("b")
                        #expect(left.generation == before.generation + 1)
                        #expect(!left.persisted)
                        #expect(try stage.memory().generation == before.generation)
                        try await condition("it is told") {
                            stage.said().contains("making the decision durable fails")
                        }
                        // A crash now, and readers know more than the memory does.
                        daemon.send(SIGKILL)
                        _ = try await daemon.ending()
                        _ = try await stage.runDaemon()
                        let next = try await stage.state("a new instance publishes") {
                            $0.instance.id != left.instance.id
                        }
                        #expect(next.generation == left.generation)
                        #expect(next.routes["main"]?.active == "b")
                        #expect(!next.persisted)

                        try FileManager.default.removeItem(atPath: disk.path("filler"))
                        let healed = try await stage.state("it is durable again") { $0.persisted }
                        #expect(healed.generation == left.generation)
                        #expect(try stage.memory().generation == left.generation)
                        #expect(try stage.memory().routes["main"]?.active == "b")
                    }
                }
            }
        }

        @Test func aDamagedMemoryIsSetAsideAndTheGenerationStillDoesNotFall() async throws {
            try await withStage { stage in
                let regions = try await Regions.start(["a", "b"], on: stage)
                try stage.configure(Setup(regions.endpoints(["a", "b"])))
                let daemon = try await stage.runDaemon()
                try await stage.allHealthy()
                try regions.fault("a", #"{"status": 503}"#)
                let left = try await stage.active("b")
                daemon.send(SIGKILL)
                _ = try await daemon.ending()
                try stage.write("{ half a memo", to: "memory/memory.json")
                _ = try await stage.runDaemon()
                let next = try await stage.state("a new instance publishes") { $0.instance.id != left.instance.id }
                #expect(next.generation == left.generation)
                #expect(next.routes["main"]?.active == "b")
                let bad = stage.place.memory + "/memory.json.bad-1"
                #expect(try String(contentsOfFile: bad, encoding: .utf8) == "{ half a memo")
                try await condition("it is told") { stage.said().contains("it was kept as \(bad)") }
            }
        }

        /// Takes all the room that is left.
        private func fill(_ disk: TemporaryDirectory) throws {
            let descriptor = open(disk.path("filler"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw ConditionError(description: "no filler: errno \(errno)") }
            defer { close(descriptor) }
            let bytes = [UInt8](repeating: 0x20, count: 1024)
            // Down to the last page, in which the daemon is just about to write.
            while write(descriptor, bytes, bytes.count) > 0 {}
        }
    }
}
