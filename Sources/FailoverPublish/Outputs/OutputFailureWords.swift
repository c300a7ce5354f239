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

    /// The same for people; `text` says more, `hasFile` whether there is a file that stays.
    func sentence(_ text: String, destination: String, hasFile: Bool) -> String {
        let result = hasFile ? "the old file stays" : "nothing was written"
        return switch self {
        case .template: "the template of \(destination) is broken, the one that was read before stays: \(text)"
        case .render: "\(destination) cannot be rendered, \(result): \(text)"
        case .write: "\(destination) cannot be written, \(result): \(text)"
        case .check: "the new \(destination) was refused, \(result): \(text)"
        case .reload: "\(destination) is new, and its reader was not told: \(text)"
        }
    }

    /// A sentence as long as a reason may be: the cause stands at its end, so what is too long is cut in the middle.
    static func fitted(_ sentence: String) -> String {
        guard sentence.count > 200 else { return sentence }
        return sentence.prefix(60) + "…" + sentence.suffix(139)
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
