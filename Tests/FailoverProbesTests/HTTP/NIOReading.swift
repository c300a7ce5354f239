import NIOCore
import NIOEmbedded
import NIOHTTP1

/// What SwiftNIO's decoder, and llhttp below it, reads of an answer up to its end.
struct NIOReading {
    var status: Int?
    var keepsAlive = false
    var body: [UInt8] = []
    var isComplete = false
    var error: (any Error)?

    /// Feeds the answer to a GET or a HEAD, then the end of the connection.
    init(of answer: [UInt8], toHEAD: Bool) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 64 * 1024
        limits.maxHeaderListSize = 64 * 1024
        limits.maxHeaderFieldCount = 64 * 1024
        let decoder = HTTPResponseDecoder(
            leftOverBytesStrategy: .dropBytes,
            informationalResponseStrategy: .drop,
            limitConfiguration: limits
        )
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(decoder))
        let request = HTTPRequestHead(version: .http1_1, method: toHEAD ? .HEAD : .GET, uri: "/")
        try channel.writeOutbound(HTTPClientRequestPart.head(request))
        do {
            try channel.writeInbound(ByteBuffer(bytes: answer))
            channel.pipeline.fireChannelInactive()
            try channel.throwIfErrorCaught()
        } catch {
            self.error = error
        }
        while !isComplete, let part = try channel.readInbound(as: HTTPClientResponsePart.self) {
            switch part {
            case .head(let head):
                status = Int(head.status.code)
                keepsAlive = head.isKeepAlive
            case .body(let bytes): body += bytes.readableBytesView
            case .end: isComplete = true
            }
        }
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }
}
