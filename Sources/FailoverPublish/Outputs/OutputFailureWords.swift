import FailoverCore

extension OutputCourse.Stage {
    /// Why it fails, for programs.
    var reasonCode: ReasonCode {
        switch self {
        case .template: "template_invalid"
        case .render: "output_render_failed"
        case .write: "output_write_failed"
        case .check: "output_check_failed"
        case .reload: "output_reload_failed"
        }
    }

    /// The same for people; `text` says more.
    func sentence(_ text: String, destination: String) -> String {
        switch self {
        case .template: "the template of \(destination) is broken, the one that was read before stays: \(text)"
        case .render: "\(destination) cannot be rendered, the old file stays: \(text)"
        case .write: "\(destination) cannot be written, the old file stays: \(text)"
        case .check: "the new \(destination) was refused, the old file stays: \(text)"
        case .reload: "\(destination) is new, and its reader was not told: \(text)"
        }
    }

    /// What people are told when it is over.
    func end(destination: String) -> String {
        switch self {
        case .template: "the template of \(destination) is sound again"
        case .render, .write, .check: "\(destination) is up to date again"
        case .reload: "\(destination) is up to date again, and its reader was told"
        }
    }
}
