import FailoverCore

/// Reads where HAProxy asks about its servers.
enum HAProxyAgentReader {
    /// What stands in the outputs; `nil` where it is missing or was refused.
    static func read(in outputs: MappingReader) -> HAProxyAgentConfiguration? {
        guard let reader = outputs.mapping(HAProxyAgentKeys.haproxyAgent, table: HAProxyAgentKeys.table),
            let listen = reader.value(HAProxyAgentKeys.listen)
        else { return nil }
        if !HostText.isLoopback(listen.host), let node = reader[HAProxyAgentKeys.listen.name] {
            let text = "not only this machine can reach it: whoever can sees which endpoints are in use"
            outputs.findings.warn(node, text)
        }
        return HAProxyAgentConfiguration(listen: listen)
    }
}
