import FailoverCore
import Testing

/// One way to answer, and what a probe makes of it.
struct ServerScript: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var method = "GET"
    var expect = HTTPExpectation()
    var timeouts = ProbeTimeouts.generous
    let judgement: Judgement
    let script: @Sendable (RawServer.Connection) -> Void

    init(
        _ name: String,
        _ judgement: Judgement,
        method: String = "GET",
        expect: HTTPExpectation = HTTPExpectation(),
        timeouts: ProbeTimeouts = .generous,
        script: @escaping @Sendable (RawServer.Connection) -> Void
    ) {
        testDescription = name
        self.method = method
        self.expect = expect
        self.timeouts = timeouts
        self.judgement = judgement
        self.script = script
    }

    /// Reads the request, writes `text`, and closes.
    static func answer(
        _ text: String,
        _ judgement: Judgement,
        method: String = "GET",
        expect: HTTPExpectation = HTTPExpectation()
    ) -> ServerScript {
        let name = "\(method) \(text.prefix(80).debugDescription)"
        return ServerScript(name, judgement, method: method, expect: expect) { connection in
            connection.readRequest()
            connection.write(text)
        }
    }

    /// Reads the request, writes `head`, and then `part` until the probe has had enough.
    static func endless(_ name: String, _ judgement: Judgement, head: String, part: String) -> ServerScript {
        ServerScript(name, judgement) { connection in
            connection.readRequest()
            guard connection.write(head) else { return }
            while connection.write(part) {}
        }
    }
}
