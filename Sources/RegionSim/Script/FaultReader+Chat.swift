import Yams

extension FaultReader {
    /// The name of a quirk, or a mapping with the name as `quirk` and with settings.
    mutating func quirk(_ field: NodeReader.Field) -> ChatQuirk? {
        if field.node.scalar != nil { return quirkName(field).flatMap { ChatQuirk(named: $0) } }
        let keys = ["quirk"] + ChatQuirk.Setting.allCases.map(\.rawValue)
        guard let fields = reader.mapping(field, allowed: keys),
            let name = reader.required("quirk", of: fields, in: field).flatMap({ quirkName($0) })
        else { return nil }
        let taken = ChatQuirk.settings(of: name)
        var settings = ChatQuirk.Settings()
        for setting in ChatQuirk.Setting.allCases {
            guard let place = fields[setting.rawValue] else { continue }
            guard taken.contains(setting) else {
                let words = taken.isEmpty ? "no settings" : "only \(reader.list(taken.map(\.rawValue)))"
                reader.report(place.node, place.path, "found beside \(name), which takes \(words)")
                continue
            }
            read(setting, place, into: &settings)
        }
        return ChatQuirk(named: name, settings)
    }

    /// Enough for any answer that a test reads.
    private static let tokenCounts = 0...1000

    private mutating func read(
        _ setting: ChatQuirk.Setting,
        _ field: NodeReader.Field,
        into settings: inout ChatQuirk.Settings
    ) {
        switch setting {
        case .tokens: settings.tokens = reader.integer(field, in: Self.tokenCounts)
        case .every: settings.every = reader.duration(field, in: .milliseconds(1) ... .seconds(60))
        case .wait: settings.wait = reader.duration(field, in: .zero ... .seconds(3600))
        case .status: settings.status = reader.integer(field, in: 400...599)
        case .code: settings.code = reader.line(field)
        case .type: settings.type = reader.line(field)
        case .message: settings.message = reader.line(field)
        }
    }

    private mutating func quirkName(_ field: NodeReader.Field) -> String? {
        if let name = field.node.scalar?.string, ChatQuirk.names.contains(name) { return name }
        let expected = "expected one of \(reader.list(ChatQuirk.names))"
        reader.report(field.node, field.path, "found \(reader.found(field.node)); \(expected)")
        return nil
    }
}
