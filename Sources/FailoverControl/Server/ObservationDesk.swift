package import FailoverCore
package import FailoverWire
package import FoundationEssentials
import NIOConcurrencyHelpers

/// Takes what applications report about their own requests; safe to use from any thread.
///
/// It has no way to the engine: what is reported is shown and counted, and moves nothing.
package final class ObservationDesk: Sendable {
    private let book: NIOLockedValueBox<ReportBook>
    private let clock: @Sendable () -> ClockReading

    /// A desk for endpoints of those names; `clock` is read on any thread.
    package init(
        endpoints: [EndpointName],
        limits: ReportBook.Limits = ReportBook.Limits(),
        clock: @escaping @Sendable () -> ClockReading
    ) {
        book = NIOLockedValueBox(ReportBook(endpoints: endpoints, limits: limits, at: clock().monotonic))
        self.clock = clock
    }

    /// Goes by another configuration from now on.
    package func apply(endpoints: [EndpointName]) { book.withLockedValue { $0.update(endpoints: endpoints) } }

    /// Takes all of a body, or nothing of it.
    package func take(_ body: Data) -> Result<ObservationReceipt, ObservationRefusal> {
        let clock = clock()
        do throws(ObservationBody.Fault) {
            let (reports, worker) = try ObservationBody.read(body, at: clock.wall)
            return book.withLockedValue { book in
                do throws(ReportRefusal) {
                    try book.take(reports, from: worker, at: clock.monotonic)
                    return .success(ObservationReceipt(accepted: reports.count))
                } catch {
                    return .failure(.refused(error))
                }
            }
        } catch {
            return .failure(.bad(text: error.text, allowed: error.allowed))
        }
    }

    /// What is shown, by endpoint; `nil` if nothing was reported lately.
    package func standings(at clock: ClockReading) -> [String: StateDocument.Reported]? {
        var shown: [String: StateDocument.Reported] = [:]
        // One after the other: whoever reports meanwhile waits for the percentiles of one endpoint, not of all.
        for endpoint in book.withLockedValue({ $0.reported }) {
            let standing = book.withLockedValue { $0.standing(of: endpoint, at: clock.monotonic) }
            guard let standing else { continue }
            shown[endpoint.rawValue] = StateDocument.Reported(standing, at: clock)
        }
        return shown.isEmpty ? nil : shown
    }

    package var metrics: ReportMetrics {
        let now = clock().monotonic
        return book.withLockedValue { book in
            ReportMetrics(book.totals(at: now), workers: book.livingWorkers(at: now), refusals: book.refusals)
        }
    }
}

/// The answer to `POST /v1/observations`.
package struct ObservationReceipt: Codable, Hashable, Sendable {
    /// Entries that count; all of the body.
    package var accepted: Int

    package init(accepted: Int) { self.accepted = accepted }
}

/// Why reports were not taken; none of the body counts.
package enum ObservationRefusal: Error, Hashable, Sendable {
    case bad(text: String, allowed: [String])
    case refused(ReportRefusal)
    /// Nobody takes reports here.
    case unavailable
}
