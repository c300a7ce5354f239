import RegionSim

/// Tells people what happens, a line for each change, with the time since the start.
struct Report: Sendable {
    private let start = ContinuousClock.now
    private let width: Int

    /// - Parameter names: Of all regions, so that columns line up.
    init(names: [String]) { width = names.map(\.count).max() ?? 0 }

    func started(_ script: Script, ports: [String: Int], control: Int?) {
        for region in script.regions {
            let address = "http://127.0.0.1:\(ports[region.name] ?? region.port)/v1"
            let latency = "p50 \(region.latency.p50.shortText), p99 \(region.latency.p99.shortText)"
            Terminal.say("\(pad(region.name))  \(address)  \(Terminal.dim(latency))")
        }
        if let control { Terminal.say("\(pad("control"))  http://127.0.0.1:\(control)/regions") }
        let speed = script.timeScale == 1 ? "" : ", time scale \(script.timeScale)"
        Terminal.say(Terminal.dim("seed \(script.seed)\(speed); stop with Ctrl-C"))
    }

    func change(region: String, faults: [Fault], comment: String?) {
        let what =
            faults.isEmpty
            ? Terminal.green("healed")
            : Terminal.red("fault ") + "  " + faults.map(\.description).joined(separator: "; ")
        line("\(pad(region))  \(what)", comment: comment)
    }

    func say(_ comment: String) { line(comment, comment: nil) }

    func stopped() { line("stopped", comment: nil) }

    private func line(_ text: String, comment: String?) {
        let elapsed = ContinuousClock.now - start
        let tenths = elapsed.components.seconds * 10 + elapsed.components.attoseconds / 100_000_000_000_000_000
        let time = "\(tenths / 10).\(tenths % 10) s"
        let padding = String(repeating: " ", count: max(0, 8 - time.count))
        Terminal.say("\(padding)\(time)  \(text)" + (comment.map { "  – \($0)" } ?? ""))
    }

    private func pad(_ name: String) -> String { name + String(repeating: " ", count: max(0, width - name.count)) }
}
