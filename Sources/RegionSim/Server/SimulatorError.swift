/// Why the simulator cannot do what was asked.
package enum SimulatorError: Error, Hashable, CustomStringConvertible {
    /// Another process listens on the port that `owner`, a region or the control API, should have.
    case portInUse(Int, owner: String)
    /// The port cannot be had for another reason.
    case cannotListen(Int, owner: String, reason: String)
    /// No region has this name.
    case unknownRegion(String, known: [String])
    /// `start` was called while running.
    case alreadyStarted

    package var description: String {
        switch self {
        case .portInUse(let port, let owner):
            "\(owner): port \(port) is in use by another process; stop it, or choose another port (0 takes a free one)"
        case .cannotListen(let port, let owner, let reason):
            "\(owner): cannot listen on 127.0.0.1:\(port): \(reason)"
        case .unknownRegion(let name, let known):
            "no region is named '\(name)'; there are: \(known.joined(separator: ", "))"
        case .alreadyStarted:
            "the simulator is already started"
        }
    }
}
