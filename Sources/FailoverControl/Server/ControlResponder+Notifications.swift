import FailoverWire
import HummingbirdCore
import NIOCore

/// Tries whether those who are told of events can be told.
extension ControlResponder {
    /// One attempt each; the answer says what came of it.
    func testNotifications(_ name: String?, channel: any Channel) async -> Response {
        await changing(channel, "a test of notifications") { requester in
            switch await source.testNotifications(name, by: requester) {
            case .success(let document): return .json(document)
            case .failure(let refusal): return .problem(ProblemDocument(refusal))
            }
        }
    }
}
