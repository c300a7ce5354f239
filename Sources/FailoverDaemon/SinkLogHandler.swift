import FailoverPublish
import Logging

/// Sends what libraries and servers log to the journal's queue.
struct SinkLogHandler: LogHandler {
    let sink: JournalSink
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice

    init(sink: JournalSink) { self.sink = sink }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        sink.log(Self.priority(of: event.level), "\(event.message)\(details)")
    }

    private static func priority(of level: Logger.Level) -> JournalPriority {
        switch level {
        case .trace, .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}
