import FailoverWire
import FoundationEssentials
import NIOCore

/// One message of an event stream, as in the HTML standard.
package struct ServerSentEvent: Hashable, Sendable {
    /// Remembered by the client and sent back as `Last-Event-ID`; `nil` if the message names none.
    package var id: String?
    /// `message` if the stream names none.
    package var event: String
    package var data: String

    package init(id: String? = nil, event: String = "message", data: String) {
        self.id = id
        self.event = event
        self.data = data
    }
}

extension ServerSentEvent {
    init(_ event: EventDocument) throws {
        self.init(id: event.id, event: event.event, data: String(decoding: try Wire.encode(event), as: UTF8.self))
    }

    /// The message as sent; its data has one line.
    var frame: ByteBuffer {
        ByteBuffer(string: (id.map { "id: \($0)\n" } ?? "") + "event: \(event)\ndata: \(data)\n\n")
    }
}
