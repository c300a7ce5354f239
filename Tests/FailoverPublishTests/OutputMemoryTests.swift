import FailoverCore
import FailoverPublish
import FailoverTemplates
import FailoverWire
import Foundation
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite struct OutputMemoryTests {
    @Test func aHungDiskHoldsNeitherNotesNorQuestionsUp() async throws {
        try await withTemporaryDirectory { directory in
            let began = DispatchSemaphore(value: 0)
            let released = DispatchSemaphore(value: 0)
            let memory = OutputMemory(directory: directory.path) { path, bytes throws(FileError) in
                began.signal()
                released.wait()
                try AtomicFile.write(bytes, to: path, mode: 0o640)
            }
            memory.note([1], at: "/a")
            began.wait()
            memory.note([2], at: "/b")
            memory.note([3], at: "/a")
            #expect(memory.isTold([3], at: "/a") && memory.isTold([2], at: "/b") && !memory.isTold([1], at: "/a"))
            #expect(await !memory.finished(within: .zero))
            released.signal()
            released.signal()
            #expect(await memory.finished(within: .seconds(60)))
            // One write for both notes that came meanwhile.
            began.wait()
            #expect(began.wait(timeout: .now()) == .timedOut)
            let next = OutputMemory(directory: directory.path)
            #expect(next.isTold([3], at: "/a") && next.isTold([2], at: "/b"))
        }
    }
}
