/// An event as all who follow share it: one that lags behind keeps a reference, not a copy.
package final class ToldEvent: Sendable {
    package let document: EventDocument

    package init(_ document: EventDocument) { self.document = document }
}
