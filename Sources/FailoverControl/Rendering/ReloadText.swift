package import FailoverWire

/// What `failoverctl reload` prints.
package enum ReloadText {
    package static func render(_ document: ReloadDocument) -> String {
        let hash = document.configHash
        let first =
            document.changed
            ? "configuration applied: \(hash)"
            : "configuration unchanged; certificates and keys were read again: \(hash)"
        return ([first] + document.warnings.map { "warning: \($0)" }).joined(separator: "\n") + "\n"
    }
}
