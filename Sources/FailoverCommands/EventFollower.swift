import FailoverControl
import FailoverWire
import NIOConcurrencyHelpers

/// Follows events over restarts of the daemon.
struct EventFollower: Sendable {
    private let client: ControlClient

    init(_ client: ControlClient) { self.client = client }

    enum News: Sendable {
        case event(EventDocument)
        /// The daemon does not answer any more; told once.
        case lost
        /// It answers again, and what was missed follows.
        case back
    }

    private static let firstPause: Duration = .milliseconds(200)
    private static let longestPause: Duration = .seconds(5)

    /// Comes back when the daemon does, and asks for what was missed; never returns.
    ///
    /// - Throws: What `onNews` throws, and what no waiting would mend.
    func follow(after id: String?, onNews: @Sendable (News) throws -> Void) async throws {
        let progress = NIOLockedValueBox((last: id, isLost: false))
        var pause = Self.firstPause
        while true {
            let wasOpen = NIOLockedValueBox(false)
            do {
                try await client.follow(after: progress.withLockedValue { $0.last }) {
                    wasOpen.withLockedValue { $0 = true }
                    let isBack = progress.withLockedValue { progress in
                        defer { progress.isLost = false }
                        return progress.isLost
                    }
                    if isBack { try onNews(.back) }
                } onEvent: { event in
                    progress.withLockedValue { $0.last = event.id }
                    try onNews(.event(event))
                }
            } catch let error as ControlClientError where error.exitCode == .unavailable {
                // The same as an end that was announced: told below, once.
            }
            let isNews = progress.withLockedValue { progress in
                defer { progress.isLost = true }
                return !progress.isLost
            }
            if isNews { try onNews(.lost) }
            pause = wasOpen.withLockedValue { $0 } ? Self.firstPause : min(pause * 2, Self.longestPause)
            try await Task.sleep(for: pause)
        }
    }
}
