package import FailoverWire
import FoundationEssentials

/// How those stand who are told of events, and what a test of them came to.
package enum NotifyText {
    /// What `failoverctl notify test` prints.
    package static func render(_ document: NotificationTestDocument, in style: TextStyle) -> String {
        document.notifications.map { outcome in
            let time = Wording.milliseconds(outcome.milliseconds, inSeconds: outcome.milliseconds >= 1000)
            let text = outcome.failure.map { "\(outcome.name): failed after \(time): \($0)" }
            return Wording.wrap(text ?? "\(outcome.name): sent in \(time)", width: style.width, indent: 2)
                .joined(separator: "\n").drop { $0 == " " } + "\n"
        }.joined()
    }

    /// A sentence for each that fails, by name.
    static func failures(of all: [String: StateDocument.Notification], in style: TextStyle) -> [String] {
        all.sorted { $0.key < $1.key }.compactMap { name, notification in
            guard let failure = notification.failure else { return nil }
            let times = failure.count == 1 ? "" : " (\(failure.count) times)"
            let since = Wording.time(failure.since, in: style)
            return "notification \(name) fails since \(since)\(times): \(failure.text)"
        }
    }
}
