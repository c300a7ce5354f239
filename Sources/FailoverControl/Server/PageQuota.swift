import NIOConcurrencyHelpers

/// What all who come over TCP may take of what they share with the control socket.
///
/// Whatever comes over TCP, operators and programs on this machine still find an event stream and an answer.
package struct PageQuota: Sendable {
    /// Streams of events at a time: two hundred pages in an incident, and programs beside them.
    ///
    /// The control socket keeps 48 of the 256 that there are.
    package static let streams = 208
    /// Questions about the past that are answered at a time; the control socket keeps one of two.
    package static let questions = 1

    let streams: Places
    let questions: Places

    package init(streams: Int = streams, questions: Int = questions) {
        self.streams = Places(maximum: streams)
        self.questions = Places(maximum: questions)
    }
}

/// Counts what is taken of something of which there is only so much.
final class Places: Sendable {
    /// One of them, which is free again when nobody holds it any more.
    final class Place: Sendable {
        private let places: Places

        fileprivate init(_ places: Places) { self.places = places }

        deinit { places.taken.withLockedValue { $0 -= 1 } }
    }

    private let maximum: Int
    private let taken = NIOLockedValueBox(0)

    init(maximum: Int) { self.maximum = maximum }

    /// `nil` when all are taken.
    func take() -> Place? {
        let isTaken = taken.withLockedValue { taken in
            guard taken < maximum else { return false }
            taken += 1
            return true
        }
        return isTaken ? Place(self) : nil
    }

    /// Waits for one for two seconds, as the history itself does: an answer takes milliseconds.
    func wait() async -> Place? {
        for _ in 0..<200 {
            if let place = take() { return place }
            // Throws when whoever asked has gone.
            guard (try? await Task.sleep(for: .milliseconds(10))) != nil else { return nil }
        }
        return nil
    }
}

extension ControlResponder {
    /// Asks about the past; `nil` while too many others do.
    func inTurn<Answer: Sendable>(_ ask: () async -> Answer) async -> Answer? {
        guard let quota else { return await ask() }
        guard let place = await quota.questions.wait() else { return nil }
        defer { withExtendedLifetime(place) {} }
        return await ask()
    }
}
