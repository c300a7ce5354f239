extension String {
    /// Without control characters, which could break a line or steer a terminal: parts of it may come from an endpoint's answer.
    package var onOneLine: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
