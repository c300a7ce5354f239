/// Where failoverd's word is read.
public enum StateSource: Hashable, Sendable {
    /// The state file, which costs failoverd nothing, and is there for a while when it is not.
    case stateFile(String)
    /// The control socket, for whoever sees the socket and not the file; asked at most once a second.
    case socket(String)

    /// The state file where packages put it.
    public static let usual = StateSource.stateFile("/run/failoverd/state.json")

    var isSocket: Bool {
        if case .socket = self { true } else { false }
    }
}
