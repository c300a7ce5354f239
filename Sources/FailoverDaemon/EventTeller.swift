import FailoverCore
import NIOConcurrencyHelpers

/// Tells events through a publisher that is made later than those who have something to tell.
final class EventTeller: Sendable {
    private let target = NIOLockedValueBox<PublishWriter?>(nil)

    /// Set once, before anything can happen.
    var publish: PublishWriter? {
        get { target.withLockedValue { $0 } }
        set { target.withLockedValue { $0 = newValue } }
    }

    func tell(_ event: Event) { publish?.tell(event) }
}
