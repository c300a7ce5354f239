/// What HAProxy is told about one server: a line of its agent-check protocol.
///
/// Never `down` and never `up`: whether a server works is left to HAProxy's own checks, and what is never taken down needs
/// nobody to bring it up again when failoverd has gone. Weights are bare percentages, because HAProxy before 2.7 knows no
/// `weight:`.
package enum AgentAnswer: Hashable, Sendable {
    /// It is to carry traffic: `percent` of the weight that the configuration of HAProxy gives it; 1...25600.
    case ready(percent: Int)
    /// It is to get no new requests.
    case drain
    /// It is to go on as it is: a line without a word.
    case unchanged

    /// With the end of the line.
    package var line: String {
        switch self {
        case .ready(let percent): "ready \(percent)%\n"
        case .drain: "drain\n"
        case .unchanged: "\n"
        }
    }
}
