import FailoverConfig
import FailoverCore
import Testing

/// What is accepted and probably not meant, about chats and what they cost.
@Suite struct ChatWarningTests {
    struct WarningCase: Sendable {
        var endpoint = ""
        var probe = ""
        var url = "http://127.0.0.1:8080/v1"
        var route = ""
        var root = ""
        let warnings: [String]
    }

    private static let price = ", price: { input: 2.50, output: 10.00, as_of: 2026-05-01 }"

    @Test(arguments: [
        WarningCase(probe: ", credential: k", warnings: []),
        WarningCase(probe: ", credential: k", url: "https://h/v1", warnings: []),
        WarningCase(probe: ", credential: k", url: "http://localhost/v1", warnings: []),
        WarningCase(
            url: "https://h/",
            warnings: ["3: endpoints.a.probe: the URL has no path: most servers have their API below /v1"]
        ),
        WarningCase(probe: ", path: /chat/completions", url: "https://h", warnings: []),
        WarningCase(
            probe: ", credential: k",
            url: "http://h/v1",
            warnings: [
                "3: endpoints.a.probe: the URL is plain http://, so the credential travels in the clear, "
                    + "for everybody on the way to read"
            ]
        ),
        WarningCase(
            probe: ", credential: k, headers: { Authorization: other }",
            warnings: ["3: endpoints.a.probe.headers: the header authorization takes the place of the credential"]
        ),
        WarningCase(probe: ", credential: k, auth_header: api-key, headers: { Authorization: other }", warnings: []),
        WarningCase(
            probe: ", mode: models",
            warnings: [
                "3: endpoints.a: is only asked for models: that can prove it down, never up, "
                    + "so no route moves to it by itself"
            ]
        ),
        WarningCase(
            endpoint: "\(price), spend: { daily: { cost: 0.10 } }",
            warnings: [
                "3: endpoints.a.spend.daily: at 5s this cap lasts 34 minutes; probes will be slower and cheaper"
            ]
        ),
        // 49 + 16 tokens a question.
        WarningCase(endpoint: ", spend: { daily: { tokens: 846720 } }", warnings: []),
        WarningCase(
            endpoint: ", spend: { daily: { tokens: 846719 } }",
            warnings: ["3: endpoints.a.spend.daily: at 5s this cap lasts 23 hours; probes will be slower and cheaper"]
        ),
        WarningCase(
            endpoint: ", spend: { daily: { tokens: 48 } }",
            warnings: [
                "3: endpoints.a.spend.daily: one question may use more than this, so only cheaper ones will be asked: "
                    + "a stays unknown, and no route moves to it"
            ]
        ),
        WarningCase(
            endpoint: ", spend: { daily: { tokens: 49 } }",
            warnings: [
                "3: endpoints.a.spend.daily: at 5s this cap lasts 5 seconds; probes will be slower and cheaper",
                "3: endpoints.a: takes 150 hours to become a target: no route moves to it before 5 good answers in a row, "
                    + "and it is asked every 30 hours",
            ]
        ),
        WarningCase(
            probe: ", interval: 1m",
            route: ", spend: { daily: { tokens: 35280 } }",
            root: "spend: { daily: { tokens: 100000 } }",
            warnings: [
                "5: routes.x.spend.daily: at 1m this cap lasts 12 hours; probes will be slower and cheaper"
            ]
        ),
        WarningCase(
            endpoint: price,
            route: ", max_cost_ratio: 5",
            warnings: ["5: routes.x.max_cost_ratio: has no effect: no other endpoint of this route has a price"]
        ),
        WarningCase(
            route: ", max_cost_ratio: 5",
            warnings: ["5: routes.x.max_cost_ratio: has no effect: a has no price, and the ratio is to its cost"]
        ),
    ])
    func whatIsProbablyNotMeantIsToldAndAccepted(test: WarningCase) throws {
        let yaml = """
            version: 1
            endpoints:
              a: { region: r, url: "\(test.url)"\(test.endpoint), probe: { type: openai-chat, model: m\
            \(test.probe.contains("mode: models") ? "" : ", slo: { ttft: { p99: 300ms } }")\(test.probe) } }
              b: { region: r, url: "tcp://127.0.0.1:9", probe: { type: tcp } }
            \(test.root.isEmpty ? "" : "\(test.root)\n")routes: { x: { endpoints: [a, b]\(test.route) } }
            """
        let place = test.root.isEmpty ? "" : "6: routes"
        let expected = test.warnings.map {
            "config.yaml:\(place.isEmpty ? $0 : $0.replacing("5: routes", with: place))"
        }
        #expect(try load(yaml).warnings.map(\.description) == expected)
    }

    /// Two profiles of one endpoint and two endpoints of one route, of which some are too dear for a cap.
    @Test(arguments: [
        (
            "short: {}, long: { prompt: \(long) }", "tokens: 60", "",
            "one question of a (long) may use more than this: "
                + "only cheaper ones will be asked there"
        ),
        (
            "short: {}, long: { prompt: \(long) }", "tokens: 40", "",
            "one question may use more than this, "
                + "so only cheaper ones will be asked: a stays unknown, and no route moves to it"
        ),
        (
            "short: {}", "tokens: 1000000", "cost: 0.0002",
            "one question may use more than this, "
                + "so only cheaper ones will be asked: a, b stay unknown, and no route moves to them"
        ),
    ])
    func capWithoutRoomForOneQuestionSaysTheConsequence(
        probes: String,
        cap: String,
        routeCap: String,
        text: String
    ) throws {
        let yaml = """
            version: 1
            defaults: { probe: { type: openai-chat, model: m, slo: { ttft: { p99: 300ms } } } }
            endpoints:
              a: { region: r, url: "http://127.0.0.1:1/v1"\(Self.price), spend: { daily: { \(cap) } }, probes: { \(probes) } }
              b: { region: r, url: "http://127.0.0.1:2/v1"\(Self.price) }
            routes: { x: { endpoints: [a, b]\(routeCap.isEmpty ? "" : ", spend: { daily: { \(routeCap) } }") } }
            """
        let place = routeCap.isEmpty ? "4: endpoints.a" : "6: routes.x"
        #expect(try load(yaml).warnings.map(\.description).contains("config.yaml:\(place).spend.daily: \(text)"))
    }

    private static let long = "\"\(String(repeating: "word ", count: 30))\""

    /// Five good answers in a row make a target; the quickest profile counts, and only the rule that weighs evidence.
    @Test(arguments: [
        ("probe: { interval: 1m }", "", nil), ("probe: { interval: 61s }", "", "5 minutes"),
        ("probe: { interval: 10m }", "", "50 minutes"),
        ("probe: { interval: 10m }", "rule: consecutive, fall: 2, rise: 2", nil),
        ("probes: { short: {}, long: { interval: 10m } }", "", nil),
        ("probes: { health: { type: tcp }, long: { interval: 10m } }", "", nil),
        ("probes: { list: { mode: models }, long: { interval: 10m } }", "", "50 minutes"),
        // Room for ten questions of 49 tokens, so the first five need not wait; and for nine.
        ("probe: { interval: 1m }, spend: { daily: { tokens: 490 } }", "", nil),
        ("probe: { interval: 1m }, spend: { daily: { tokens: 489 } }", "", "15 hours"),
    ])
    func slowWayToATargetIsWarnedOf(endpoint: String, decision: String, time: String?) throws {
        let yaml = """
            version: 1
            defaults: { probe: { type: openai-chat, model: m } }
            endpoints:
              a:
                region: r
                url: "http://127.0.0.1:8080/v1"
                \(endpoint.replacing(", spend", with: "\n    spend").replacing("{ }", with: "{}"))
              b: { region: r, url: "tcp://127.0.0.1:9", probe: { type: tcp } }
            routes: { x: { endpoints: [a, b], decision: { \(decision) } } }
            """
            .replacing("model: m }", with: "model: m, slo: { ttft: { p99: 300ms } } }")
            .replacing("mode: models", with: "type: openai-chat, mode: models")
        let told = try load(yaml).warnings.filter { $0.text.hasPrefix("takes") }
        #expect(told.map { $0.text.split(separator: " ")[1...2].joined(separator: " ") } == [time].compactMap(\.self))
        #expect(told.allSatisfy { $0.keyPath == "endpoints.a" && $0.line == 4 })
    }

    @Test(arguments: [
        (["", Self.price, Self.price], "[a, b, c]", "has no effect: a has no price, and the ratio is to its cost"),
        (["", "", Self.price], "[[a, b], c]", "has no effect: a, b has no price, and the ratio is to its cost"),
        (["", Self.price, Self.price], "[[a, b], c]", "has no effect on failovers to a, of which no price is known"),
        ([Self.price, "", Self.price], "[a, b, c]", "has no effect on failovers to b, of which no price is known"),
        ([Self.price, Self.price, Self.price], "[a, b, c]", nil),
    ])
    func ratioThatCannotAlarmIsWarnedOf(prices: [String], members: String, text: String?) throws {
        let endpoints = zip(["a", "b", "c"], prices).map { "  \($0): { region: r, url: \"tcp://\($0):9\"\($1) }\n" }
        let yaml = """
            version: 1
            defaults: { probe: { type: tcp } }
            endpoints:
            \(endpoints.joined())routes: { x: { endpoints: \(members), max_cost_ratio: 5 } }
            """
        #expect(try load(yaml).warnings.map(\.text) == [text].compactMap(\.self))
    }

    @Test(arguments: [
        ("expect: { status: 200 }", "openai-chat, model: m", "status: has no effect: no probe is of type http"),
        ("expect: { answer: { contains: OK } }", "http", "answer: has no effect: no probe is of type openai-chat"),
        ("expect: { status: 200 }", "http", nil),
    ])
    func defaultThatNoProbeCanUseIsWarnedOf(defaults: String, type: String, text: String?) throws {
        let yaml = """
            version: 1
            defaults: { probe: { \(defaults), type: \(type), slo: { latency: { p99: 1s } } } }
            endpoints:
              a: { region: r, url: "http://127.0.0.1:1/v1" }
              b: { region: r, url: "http://127.0.0.1:2/v1" }
            routes: { x: { endpoints: [a, b] } }
            """
        let warnings = try load(yaml).warnings.map(\.description)
        #expect(warnings == [text].compactMap { $0.map { "config.yaml:2: defaults.probe.expect.\($0)" } })
    }

    @Test func credentialAndCapWithoutAChatAreWarnedOf() throws {
        let yaml = """
            version: 1
            endpoints:
              a:
                region: r
                url: "tcp://127.0.0.1:9"
                credential: k
                spend: { daily: { tokens: 5 } }
                probe: { type: tcp }
            routes: { x: { endpoints: [a] } }
            """
        #expect(
            try load(yaml).warnings.map(\.description) == [
                "config.yaml:9: routes.x.endpoints: only one endpoint: there is nowhere to go",
                "config.yaml:6: endpoints.a.credential: has no effect: no probe of this endpoint is of type openai-chat",
                "config.yaml:7: endpoints.a.spend.daily: has no effect: nothing here spends tokens",
            ]
        )
    }
}
