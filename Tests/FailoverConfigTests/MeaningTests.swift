import FailoverConfig
import FailoverCore
import Foundation
import Testing

@Suite struct ResolvedTextTests {
    @Test(arguments: ["minimal", "tcp", "rules", "connections", "chat"])
    func textReadsBackToTheSameConfiguration(name: String) throws {
        // Queries and values of headers may be secrets, and are hidden.
        let yaml = try Fixtures.text("good/\(name).yaml")
            .replacing(/\?[a-z-]+=[0-9]/, with: "")
            .replacing("    headers: { x-team: search }\n", with: "")
        let loaded = try load(yaml)
        let text = ResolvedConfigurationText(loaded.configuration).text
        let again = try load(text)
        #expect(again.configuration == loaded.configuration)
        #expect(again.hash == loaded.hash)
        #expect(ResolvedConfigurationText(again.configuration).text == text)
    }

    @Test func secretsAreMasked() throws {
        let headers = "headers: { authorization: Bearer s3cret, x-key: s3cret }"
        let probe = "slo: { latency: { p99: 3s } }, \(headers), path: \"/x?key=s3cret\""
        let text = ResolvedConfigurationText(try load(file(url: "http://h/v1?k=s3cret", probe: probe)).configuration)
            .text
        #expect(!text.contains("s3cret"))
        #expect(text.contains("        authorization: (set)\n        x-key: (set)\n"))
        #expect(text.contains("    url: \"http://h/v1\"\n"))
        #expect(text.contains("      path: \"/x?(hidden)\"\n"))
    }

    @Test(arguments: ["every-key", "chat"])
    func everythingIsShown(name: String) throws {
        let loaded = try load(Fixtures.text("good/\(name).yaml"))
        #expect(ResolvedConfigurationText(loaded.configuration).text == (try Fixtures.text("good/\(name).resolved")))
    }

    @Test func secretsOfChatsAreMasked() throws {
        let probe = """
            type: openai-chat, model: m, slo: { ttft: { p99: 1s } }, headers: { x-key: s3cret }, path: "/x?key=s3cret", \
            models_path: "/y?key=s3cret", health_path: "/z?key=s3cret"
            """
        let loaded = try load(file(url: "http://h/v1?k=s3cret", probe: probe))
        let meaning = ConfigurationMeaning(loaded.configuration)
        let text = ResolvedConfigurationText(loaded.configuration).text
        #expect(!"\(text)\(meaning)\(loaded.warnings)".contains("s3cret"))
        #expect(text.contains("      health_path: \"/z?(hidden)\"\n"))
    }

    @Test func recordingsHideBodiesAndStillReadBack() throws {
        let bodies = [
            "slo: { latency: { p99: 3s } }, method: POST, body: \"token s3cret\"",
            "type: openai-chat, model: m, slo: { ttft: { p99: 1s } }, extra_body: { user: s3cret, metadata: { x: s3cret } }",
        ]
        for probe in bodies {
            let loaded = try load(file(probe: probe))
            #expect(ResolvedConfigurationText(loaded.configuration).text.contains("s3cret"))
            let text = ResolvedConfigurationText(loaded.configuration, hidesBodies: true).text
            #expect(!text.contains("s3cret") && text.contains("hidden"))
            let again = try ConfigurationLoader.load(resolved: text, file: "recording").configuration
            #expect(again.routes == loaded.configuration.routes)
            #expect(ResolvedConfigurationText(again, hidesBodies: true).text == text)
        }
    }

    @Test func hashKnowsWhatIsMeantAndNothingElse() throws {
        let yaml = file()
        let hash = try load(yaml).hash
        #expect(hash.count == 16 && hash.allSatisfy { $0.isHexDigit })
        #expect(try load("# a comment\n" + yaml).hash == hash)
        #expect(try load(file(decision: "{ preset: balanced }")).hash == hash)
        #expect(try load(file(decision: "{ preset: fast }")).hash != hash)
        let one = try load(file(probe: "slo: { latency: { p99: 3s } }, headers: { a: one }"))
        let two = try load(file(probe: "slo: { latency: { p99: 3s } }, headers: { a: two }"))
        #expect(one.hash == two.hash)
        #expect(one.configuration != two.configuration)
    }
}

@Suite struct ConfigurationMeaningTests {
    private let yaml = """
        version: 1
        defaults: { probe: { slo: { latency: { p99: 3s } } } }
        endpoints:
          a: { region: r, url: "http://h:1", probe: { interval: 10s } }
          b: { region: r, url: "http://h:2", probes: { short: { interval: 10s }, long: { interval: 1m } } }
          c: { region: r, url: "tcp://h:3", probe: { type: tcp, interval: 10s } }
          d: { region: r, url: "http://h:4", probe: { interval: 7s } }
        routes:
          chat: { endpoints: [a, c, b], decision: { preset: fast, hold_down: 1m } }
          alone: { endpoints: [d], decision: { rule: window, bad: 3, of: 5, failback: manual, observe: true } }
        """

    /// Delays that tell the probes apart.
    private func delays(
        _ route: RouteConfiguration,
        _ endpoint: EndpointConfiguration,
        _ probe: ProbeConfiguration
    ) -> LeaveDelays {
        LeaveDelays(
            hardDown: probe.interval + .milliseconds(540),
            fullySlow: probe.name == "long" ? .milliseconds(1_260) : nil,
            thirtyPercentErrors: probe.interval * 2
        )
    }

    @Test func figuresFollowFromTheConfiguration() throws {
        let configuration = try load(yaml).configuration
        let meaning = ConfigurationMeaning(configuration, delays: delays)
        #expect(meaning.routes.map(\.falseFailoversPerYear) == [36, 0])
        #expect(meaning.routes.map { $0.leaves.map(\.endpoints) } == [[["a", "c"], ["b"]], [["d"]]])
        #expect(meaning.probesPerDay.map(\.probes) == [8640, 10_080, 8640, 12_343])
        #expect(meaning.probesPerDayInAll == 39_703)
    }

    @Test func meaningIsToldInPlainWords() throws {
        let configuration = try load(yaml).configuration
        #expect(
            ConfigurationMeaning(configuration, delays: delays).description == """
                route chat
                  order of preference: a, c, b
                  rule: evidence (preset fast, false_failovers 12, blip 1s / 3s, blips_per_day 1, degraded_at 5%, \
                confirm_interval 2s)
                  leaves a, c
                    hard-down, every connection refused: after about 11s
                    fully slow, every answer slower than 3s: never
                    three probes in ten failing: after about 20s
                  leaves b
                    hard-down, every connection refused: after about 11s
                    fully slow, every answer slower than 3s: after about 1.3s
                    three probes in ten failing: after about 20s
                  moves without a fault: at most 36 a year (12 for each of 3 endpoints)
                  returns: by itself, once recovery is proven and has held for 1m
                route alone
                  order of preference: d
                  rule: window (bad 3, of 5, rise 5)
                  observes only: decides and says so, never moves
                  leaves d
                    hard-down, every connection refused: after about 7.5s
                    fully slow, every answer slower than 3s: never
                    three probes in ten failing: after about 14s
                  would move without a fault: none, there is nowhere to go
                  returns: only by hand
                probes: 8,640 a day for each of a, c; 10,080 a day for b; 12,343 a day for d; 39,703 a day in all
                """
        )
    }

    @Test(
        arguments: [
            (
                "a", "",
                "our own network: with one endpoint and no anchor, a fault of our own network counts as one of the endpoint"
            ),
            (
                "a", "anchors: [{ tcp: \"192.0.2.1:443\" }]",
                "our own network: the other endpoints and tcp://192.0.2.1:443 show whether it works"
            ),
            ("a, b", "", nil),
        ] as [(String, String, String?)]
    )
    func doubtOfOurOwnNetworkIsTold(endpoints: String, anchors: String, told: String?) throws {
        let names = endpoints.split(separator: ", ")
        let yaml =
            "version: 1\nvantage: { \(anchors) }\n"
            + "defaults: { probe: { slo: { latency: { p99: 3s } } } }\nendpoints:\n"
            + names.enumerated().map { "  \($1): { region: r, url: \"http://h:\($0 + 1)\" }\n" }.joined()
            + "routes: { chat: { endpoints: [\(endpoints)] } }\n"
        let lines = ConfigurationMeaning(try load(yaml).configuration, delays: delays).description.split(
            separator: "\n"
        )
        #expect(lines.last { $0.hasPrefix("our own network") }.map(String.init) == told)
    }

    @Test func realDetectorsGiveTheDelaysOfAPlainRule() throws {
        let yaml = file(decision: "{ rule: consecutive, fall: 3, rise: 2 }")
        let meaning = ConfigurationMeaning(try load(yaml).configuration)
        // Half an interval until the first bad probe, and two more intervals.
        #expect(meaning.routes.map { $0.leaves.map(\.delays.hardDown) } == [[.milliseconds(12_500)]])
    }
}

@Suite struct ExampleTests {
    @Test func exampleOfTheProjectIsAccepted() throws {
        let path = Fixtures.root.appending(path: "config.yaml").path
        let loaded = try ConfigurationLoader.load(path: path)
        #expect(loaded.warnings == [])
        let price = Price(
            input: Money(picos: 140_000),
            output: Money(picos: 280_000),
            asOf: CivilDate(year: 2026, month: 5, day: 1)
        )
        let endpoints = [("us-east", 18_101), ("eu-west", 18_102), ("ap-southeast", 18_103)].map { name, port in
            EndpointConfiguration(
                name: EndpointName(rawValue: name),
                region: RegionName(rawValue: name),
                publicURL: "http://127.0.0.1:\(port)/v1",
                probes: [
                    ProbeConfiguration(
                        request: .chat(
                            ChatProbe(
                                http: HTTPProbe(
                                    address: HostPort(host: "127.0.0.1", port: port),
                                    target: "/v1/chat/completions"
                                ),
                                model: "sim-small"
                            )
                        ),
                        interval: .seconds(1),
                        timeouts: ProbeTimeouts(total: .seconds(15)),
                        latencyObjective: .seconds(3),
                        ttftObjective: .milliseconds(400)
                    )
                ],
                price: price
            )
        }
        let route = RouteConfiguration(
            name: "chat",
            endpoints: ["us-east", "eu-west", "ap-southeast"],
            decision: DecisionConfiguration(rule: .evidence(.fast), holdDown: .seconds(15))
        )
        #expect(
            loaded.configuration
                == Configuration(
                    vantage: "local",
                    endpoints: endpoints,
                    routes: [route],
                    outputs: OutputConfiguration()
                )
        )
    }

    /// Commented settings are an offer to the reader, so they have to work too.
    @Test func commentedSettingsOfTheExampleAreAccepted() throws {
        let path = Fixtures.root.appending(path: "config.yaml").path
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        let offers = [
            "outputs:", "  ", "provider:", "attributes:", "probe:", "prompt:", "max_tokens:", "expect:", "spend:",
            "max_moves", "observe:", "record:", "history:",
        ]
        var taken = 0
        let changed = lines.map { line -> String in
            let indent = line.prefix { $0 == " " }
            let rest = line.dropFirst(indent.count)
            guard rest.hasPrefix("# "), offers.contains(where: { rest.dropFirst(2).hasPrefix($0) }) else {
                return String(line)
            }
            taken += 1
            return String(indent + rest.dropFirst(2))
        }
        #expect(taken == 19)
        let loaded = try load(changed.joined(separator: "\n"))
        let page = HTTPOutputConfiguration(listen: HostPort(host: "127.0.0.1", port: 9464))
        #expect(loaded.configuration.outputs == OutputConfiguration(http: page))
        #expect(loaded.configuration.endpoints[0].provider == "acme")
        #expect(loaded.configuration.routes[0].decision.observe)
    }

    /// A ring that is overwritten within minutes answers nothing.
    @Test(arguments: [(240, true), (260, false)])
    func recordingIsUsualOnlyWhereTenMinutesFit(endpoints: Int, isOn: Bool) throws {
        let names = (0..<endpoints).map { "e\($0)" }
        func text(_ record: String) -> String {
            "version: 1\n\(record)defaults: { probe: { interval: 1s, slo: { latency: { p99: 1s } } } }\nendpoints:\n"
                + names.map { "  \($0): { region: r, url: \"http://192.0.2.1/\($0)\" }\n" }.joined()
                + "routes: { main: { endpoints: [e0, e1] } }\n"
        }
        let usual = try ConfigurationLoader.load(yaml: text(""), file: "config.yaml").configuration
        #expect(usual.record.isOn == isOn)
        let why = isOn ? nil : "off: 260 probes a second fill the usual 64 MiB within 573 s; set record to keep them"
        #expect(ConfigurationMeaning(usual).recording == why)
        let asked = try ConfigurationLoader.load(yaml: text("record: { keep: 1h }\n"), file: "config.yaml")
            .configuration
        #expect(asked.record.isOn && ConfigurationMeaning(asked).recording == nil)
        let refused = try ConfigurationLoader.load(yaml: text("record: { keep: 0 }\n"), file: "config.yaml")
            .configuration
        #expect(!refused.record.isOn)
    }
}
