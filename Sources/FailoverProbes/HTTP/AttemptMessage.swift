import FailoverCore

/// What one attempt sends beside what all attempts of its probe send.
///
/// Holds a secret, so it shows nothing of itself.
struct AttemptMessage: Sendable, CustomStringConvertible, CustomReflectable {
    /// Come last, in this order.
    let fields: [HeaderField]
    /// `nil` for none.
    let body: [UInt8]?

    var description: String { "a message" }
    var customMirror: Mirror { Mirror(self, children: [] as [Mirror.Child]) }
}
