import FailoverCore

/// Reads how a TLS connection is made and verified.
enum TLSReader {
    /// What `probe.tls` says; refusals are told and leave defaults behind.
    static func read(_ probe: MappingReader, cache: FileAndPatternCache) -> TLSSettings {
        guard let tls = probe.mapping(ProbeKeys.tls, table: TLSKeys.table) else { return TLSSettings() }
        let certificate = file(TLSKeys.certificateFile, .certificates, tls, cache)
        let key = file(TLSKeys.keyFile, .privateKey, tls, cache)
        let pair: ClientCertificate? =
            if let certificate, let key { ClientCertificate(certificateFile: certificate, keyFile: key) } else { nil }
        return TLSSettings(
            caFile: file(TLSKeys.caFile, .certificates, tls, cache),
            clientCertificate: pair,
            serverName: tls.value(TLSKeys.serverName),
            minimumVersion: tls.value(TLSKeys.minimumVersion),
            warnBefore: tls.value(TLSKeys.warnBefore)
        )
    }

    private static func file(
        _ setting: Setting<PathRule>,
        _ use: FileAndPatternCache.FileUse,
        _ tls: MappingReader,
        _ cache: FileAndPatternCache
    ) -> String? {
        guard let node = tls[setting.name], let path = tls.value(setting) else { return nil }
        cache.check(path, as: use, node, tls.findings)
        return path
    }

    /// Refuses half of a pair in `probe.tls` of a probe that uses TLS; the other half may come from the defaults.
    static func checkPair(_ probe: SettingNode, _ findings: Findings) {
        guard let tls = probe[ProbeKeys.tls] else { return }
        let pair = [TLSKeys.certificateFile.name, TLSKeys.keyFile.name]
        guard let missing = pair.first(where: { tls[$0] == nil }), let given = pair.first(where: { tls[$0] != nil })
        else { return }
        findings.refuse(
            path: SettingNode.path(tls.path, missing),
            line: tls[given]?.line ?? tls.line,
            found: "nothing",
            allowed: "a path, since \(given) is given",
            hint: "a certificate is of use only with its key"
        )
    }
}
