import FailoverCore

/// Reads how long a probe waits.
enum TimeoutReader {
    private typealias Keys = ProbeKeys.Timeouts

    /// The limits of a probe of `type`; `nil` for defaults, which may serve probes of every type.
    ///
    /// Limits that the file does not mention shrink with the total, so that `total: 5s` alone is enough.
    static func read(_ probe: MappingReader, type: ProbeType?) -> ProbeTimeouts {
        let standard = ProbeTimeouts()
        let standardTotal = Keys.standardTotal(of: type ?? .http)
        let reader = probe.mapping(ProbeKeys.timeouts, table: Keys.table)
        let total = reader?.value(Keys.total) ?? standardTotal
        func limit(_ setting: DefaultedSetting<DurationRule>) -> Duration {
            guard let reader, reader.has(setting), type.map(Keys.types(of: setting.name).contains) ?? true else {
                return min(setting.fallback, total)
            }
            return reader.value(setting)
        }
        let ttft = limit(Keys.ttft)
        let idle = limit(Keys.idle)
        return ProbeTimeouts(
            resolve: limit(Keys.resolve),
            connect: limit(Keys.connect),
            tls: limit(Keys.tls),
            firstByte: limit(Keys.firstByte),
            ttft: type == .chat ? ttft : standard.ttft,
            idle: type == .chat ? idle : standard.idle,
            total: total
        )
    }

    /// Refuses limits of one part that are longer than that of the whole.
    static func check(_ timeouts: ProbeTimeouts, type: ProbeType, _ probe: SettingNode, _ findings: Findings) {
        var parts = [
            (Keys.resolve.name, timeouts.resolve), (Keys.connect.name, timeouts.connect),
            (Keys.tls.name, timeouts.tls), (Keys.firstByte.name, timeouts.firstByte),
        ]
        if type == .chat { parts += [(Keys.ttft.name, timeouts.ttft), (Keys.idle.name, timeouts.idle)] }
        let allowed = "at most \(totalText(timeouts))"
        for (name, limit) in parts where limit > timeouts.total {
            findings.refuse(probe[ProbeKeys.timeouts]?[name] ?? probe, allowed: allowed)
        }
    }

    /// `timeouts.total (15s)`.
    static func totalText(_ timeouts: ProbeTimeouts) -> String {
        "timeouts.total (\(DurationText.format(timeouts.total)))"
    }
}
