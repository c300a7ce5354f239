import FailoverConfig
import FailoverCore
import Foundation
import Testing

/// Configurations of the tests, as files would have them.
enum Configurations {
    /// Three endpoints of different kinds, with secrets wherever one may stand.
    static func first(key: String = "s3cret-one") -> String {
        """
        version: 1
        vantage: { name: here }
        endpoints:
          us: { region: us, url: "https://user.example.com/v1?key=\(key)", probe: { interval: 2s, headers: { x-key: "\(key)" } } }
          eu: { region: eu, url: "https://eu.example.com/v1", price: { input: 1, output: 2, as_of: 2026-05-01 },
                probe: { type: openai-chat, model: m, credential: s3cret-name, interval: 3s, slo: { ttft: { p99: 300ms } } } }
          ap: { region: ap, url: "tcp://ap.example.com:443", probe: { type: tcp, interval: 1s } }
        defaults: { probe: { slo: { latency: { p99: 1s } }, timeouts: { total: 5s } } }
        routes:
          chat: { endpoints: [us, eu, ap], decision: { preset: fast, hold_down: 10s, max_moves_per_hour: unlimited } }
          other: { endpoints: [ap, us], decision: { preset: fast, hold_down: 0s } }
        """
    }

    /// A reload: another secret of `us`, a longer hold-down, a route in another order without `ap`, and a new one.
    static let second =
        first(key: "s3cret-two").replacingOccurrences(of: "hold_down: 10s", with: "hold_down: 20s")
        .replacingOccurrences(of: "[us, eu, ap]", with: "[eu, us]")
        + "\n  third: { endpoints: [us, ap], decision: { preset: fast } }"

    /// The same with a route that is split, and a canary.
    static let weighted = first().replacingOccurrences(
        of: "chat: { endpoints: [us, eu, ap],",
        with: "chat: { policy: weighted, weights: { us: 60, eu: 30, ap: 10 }, canary: [ap],"
    )

    /// The same with a route that goes to whoever is faster, and is in a hurry.
    static let fastest = first().replacingOccurrences(
        of: "other: { endpoints: [ap, us],",
        with: "other: { policy: lowest-latency, endpoints: [us, ap], "
            + "speed: { margin: 5%, min_margin: 0s, window: 2m, dwell: 1m },"
    ).replacingOccurrences(of: "hold_down: 0s }", with: "hold_down: 0s, max_moves_per_hour: unlimited }")
        // In the hour's trouble one of the two would seldom be a target for the evidence rule.
        .replacingOccurrences(of: "preset: fast", with: "rule: consecutive, fall: 4, rise: 2")

    /// Two endpoints that are connected to every five seconds.
    static func plain(_ decision: String = "{}") -> String {
        """
        version: 1
        vantage: { name: us-east-a }
        defaults: { probe: { type: tcp, interval: 5s, slo: { latency: { p99: 1s } } } }
        endpoints:
          us-east: { region: us-east, url: "tcp://us-east.example.com:443" }
          eu-west: { region: eu-west, url: "tcp://eu-west.example.com:443" }
        routes:
          chat: { endpoints: [us-east, eu-west], decision: \(decision) }
        """
    }

    static func load(_ yaml: String) throws -> LoadedConfiguration {
        try ConfigurationLoader.load(yaml: yaml, file: "config.yaml")
    }
}

/// Files beside the tests.
enum Fixtures {
    static let folder = Bundle.module.url(forResource: "Fixtures", withExtension: nil) ?? URL(filePath: "/nonexistent")

    static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }
    static func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }
}
