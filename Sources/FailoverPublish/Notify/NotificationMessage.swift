package import FailoverCore
import FailoverSystemd
package import FailoverWire
import FoundationEssentials

/// What one who is told gets to see: the event, and beside it what was folded into it.
struct NotificationMessage: Encodable {
    let notification: String
    let note: NotificationCourse.Note

    private enum CodingKeys: String, CodingKey { case message, folded, notification }

    /// One sentence for people, complete in itself.
    var message: String {
        let sentence = note.event.event == Self.test ? note.event.reason.text : JournalEntry(note.event).message
        guard note.folded > 0 else { return sentence }
        return "\(sentence) (and \(note.folded) more of the kind before)"
    }

    /// The kind of an event that only tries whether telling works.
    static let test = "test"

    /// All fields of the event, and ours.
    func encode(to encoder: any Encoder) throws {
        try note.event.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(message, forKey: .message)
        try fields.encode(note.folded, forKey: .folded)
        try fields.encode(notification, forKey: .notification)
    }

    /// As `FAILOVERD_…` for a command.
    var variables: [(name: String, value: String)] {
        let own = [
            ("FAILOVERD_MESSAGE", message), ("FAILOVERD_ID", note.event.id), ("FAILOVERD_AT", "\(note.event.at)"),
            ("FAILOVERD_FOLDED", "\(note.folded)"), ("FAILOVERD_NOTIFICATION", notification),
        ]
        let fields = JournalEntry(note.event).fields.filter { $0.name.hasPrefix("FAILOVERD_") }
        return own.map { (name: $0.0, value: $0.1) } + fields.map { (name: $0.name, value: $0.value) }
    }

    /// What stands in a place of a text; empty for what the event does not have.
    func value(_ field: NotificationField, credential: String) -> String {
        let event = note.event
        return switch field {
        case .message: message
        case .event: event.event
        case .route: event.route ?? ""
        case .endpoint: event.endpoint ?? ""
        case .from: event.from ?? ""
        case .to: event.to ?? ""
        case .share: event.share ?? ""
        case .reason: event.reason.text
        case .reasonCode: event.reason.code
        case .regionFrom: event.regionFrom ?? ""
        case .regionTo: event.regionTo ?? ""
        case .generation: "\(event.generation)"
        case .vantage: event.vantage
        case .requester: event.actor ?? ""
        case .at: "\(event.at)"
        case .id: event.id
        case .folded: "\(note.folded)"
        case .notification: notification
        case .dryRun: "\(event.dryRun)"
        case .credential: credential
        }
    }

    /// The event itself; without its arithmetic where that is too long for a command.
    var json: [UInt8] {
        let bytes = (try? Wire.encode(self)).map(Array.init) ?? []
        guard bytes.count > CommandRunner.maximumInput, note.event.grounds != nil else { return bytes }
        var shorter = note
        shorter.event.grounds = nil
        return NotificationMessage(notification: notification, note: shorter).json
    }
}

extension JSONTree: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.literal("null")
        case .bool(let flag): writer.literal(flag ? "true" : "false")
        case .integer(let number): writer.number(number)
        case .number(let number): writer.number(number)
        case .string(let text): writer.string(text)
        case .array(let items): writer.array { writer in for item in items { writer.element(item) } }
        case .object(let members):
            writer.object { writer in for member in members { writer.field(named: member.key, member.value) } }
        }
    }
}
