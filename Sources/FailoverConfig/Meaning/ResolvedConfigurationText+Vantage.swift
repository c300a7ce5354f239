import FailoverCore

extension ResolvedConfigurationText {
    /// Nothing without anchors.
    mutating func add(_ anchors: [AnchorConfiguration]) {
        guard !anchors.isEmpty else { return }
        line(1, "\(AnchorKeys.anchors):")
        for anchor in anchors {
            switch anchor.probe.request {
            case .tcp(let probe): line(2, "- { \(AnchorKeys.tcp.name): \(YAMLText.string(probe.address.description)) }")
            case .tls(let probe): line(2, "- { \(AnchorKeys.tls.name): \(YAMLText.string(probe.address.description)) }")
            case .http(let probe):
                let query = probe.target.contains("?") ? "?(hidden)" : ""
                line(2, "- { \(AnchorKeys.http.name): \(YAMLText.string(anchor.address + query)) }")
            case .chat: break
            }
        }
    }
}
