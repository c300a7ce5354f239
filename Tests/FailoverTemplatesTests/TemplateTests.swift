import FailoverTemplates
import Testing

@Suite struct TemplateTests {
    @Test(
        arguments: [
            ("{{vantage}}/{{generation}}", "here/7"),
            ("{{#routes}}{{name}}={{active.name}};{{/routes}}", "chat=eu-west;web.v2=us-east;"),
            ("{{route.chat.active.url}}", "https://[2001:db8::1]/v1"),
            (
                "{{#route.chat}}{{name}} {{#active}}{{name}} {{route_name}}{{/active}}{{/route.chat}}",
                "chat eu-west chat"
            ),
            ("{{endpoint.us-east.host}}", "us.example.com"),
            ("{{#routes}}{{#order}}{{name}}{{^last}},{{/last}}{{/order}} {{/routes}}", "eu-west,ap us-east,eu-west "),
            ("{{#route.chat.serving}}{{name}}:{{weight}}{{/route.chat.serving}}", "eu-west:100"),
            ("{{#route.chat.backups}}{{index}}{{name}}{{#first}}!{{/first}}{{/route.chat.backups}}", "0ap!"),
            (
                "{{#route.chat.endpoints}}{{#own_order}}{{index}}{{name}} {{/own_order}}{{^last}}| {{/last}}{{/route.chat.endpoints}}",
                "0us-east 1eu-west 2ap | 0eu-west 1us-east 2ap | 0ap 1us-east 2eu-west "
            ),
            (
                "{{#route.chat.active}}{{#own_order}}{{route_name}}{{weight}} {{/own_order}}{{/route.chat.active}}",
                "chat100 chat0 chat0 "
            ),
            (
                "{{#route.chat}}{{#is_failover}}failed over{{/is_failover}}{{^is_failover}}no{{/is_failover}}{{/route.chat}}",
                "failed over"
            ),
            (
                "{{#endpoint.eu-west}}{{scheme}} {{host}} {{port}} {{path}} {{authority}}{{/endpoint.eu-west}}",
                "https 2001:db8::1 443 /v1 [2001:db8::1]:443"
            ),
            (
                "{{#endpoint.ap}}{{scheme}} {{host}} {{port}} {{authority}}{{/endpoint.ap}}",
                "tcp 192.0.2.1 5432 192.0.2.1:5432"
            ),
            ("{{#endpoints}}{{#is_address}}{{name}} {{/is_address}}{{/endpoints}}", "ap eu-west "),
            ("{{#endpoints}}{{#provider}}{{provider}}={{.}} {{/provider}}{{/endpoints}}", "acme=acme "),
            (
                "{{#endpoints}}{{attributes.rank}}{{#attributes.note}}<{{attributes.note}}>{{/attributes.note}} {{/endpoints}}",
                "1 2<a & b> 3 "
            ),
            ("{{#routes}}{{variable}} {{identifier}} {{/routes}}", "CHAT chat WEB_V2 web_v2 "),
            ("{{#endpoints}}{{#route.chat.endpoints}}.{{/route.chat.endpoints}}{{/endpoints}}", "........."),
            ("a {{! a\ncomment }}b", "a b"),
            ("  {{#routes}}\n  x\n  {{/routes}}\n", "  x\n  x\n"),
            ("{ {x} } {{{vantage}}} {{& vantage }} }}", "{ {x} } here here }}"),
            ("line\r\n{{vantage}}\r\n", "line\r\nhere\r\n"),
        ]
    )
    func templatesRender(text: String, expected: String) throws {
        #expect(try rendered(text) == expected)
    }

    @Test(
        arguments: [
            ("{{vantag}}", 1, 1, "the unknown name vantag"),
            ("a\n  {{#routes}}{{nam}}{{/routes}}", 2, 14, "the unknown name nam"),
            ("{{route.other.name}}", 1, 1, "the unknown name route.other.name"),
            ("{{route.chat.activ}}", 1, 1, "the unknown name route.chat.activ"),
            ("{{#routes}}x", 1, 1, "{{#routes}} without an end"),
            ("x{{/routes}}", 1, 2, "{{/routes}} without a beginning"),
            ("{{#routes}}\n{{/endpoints}}", 2, 1, "{{/endpoints}}, but the section of line 1 begins with {{#routes}}"),
            ("{{routes}}", 1, 1, "{{routes}}, which is a list"),
            ("{{#endpoints}}{{#endpoints}}x", 1, 15, "{{#endpoints}} inside of itself"),
            ("{{#routes}}{{#order}}{{#order}}x", 1, 22, "{{#order}} inside of itself"),
            ("{{#route.chat.active}}{{#own_order}}{{#own_order}}x", 1, 37, "{{#own_order}} inside of itself"),
            ("{{#endpoints}}{{#own_order}}x", 1, 15, "the unknown name own_order"),
            ("{{route.chat}}", 1, 1, "{{route.chat}}, which has parts"),
            ("{{#endpoints}}{{.}}{{/endpoints}}", 1, 15, "{{.}}, which has parts"),
            ("{{#endpoints}}{{provider}}{{/endpoints}}", 1, 15, "{{provider}}, which not every endpoint has"),
            ("{{#generation}}x{{/generation}}", 1, 1, "{{#generation}}, which is a number"),
            ("{{> other}}", 1, 1, "{{>: templates inside of templates"),
            ("{{=| |=}}|#a||/a|", 1, 1, "{{=: other delimiters"),
            ("{{% CONTENT_TYPE:HTML}}", 1, 1, "{{%: a pragma"),
            ("{{uppercased(vantage)}}", 1, 1, "the name \"uppercased(vantage)\""),
            ("{{vantage", 1, 1, "a tag that does not end in its line"),
            ("{{\nvantage}}", 1, 1, "a tag that does not end in its line"),
            ("{{}}", 1, 1, "the name \"\""),
            ("{{a..b}}", 1, 1, "the name \"a..b\""),
            ("{{.a}}", 1, 1, "the name \".a\""),
            ("{{ # routes }}", 1, 1, "the name \" # routes \""),
            ("{{! x", 1, 1, "a comment without an end"),
            ("x{{", 1, 2, "a tag without an end"),
        ]
    )
    func faultsAreToldWithTheirPlace(text: String, line: Int, column: Int, found: String) {
        let error = #expect(throws: TemplateError.self) { _ = try Template(text, vocabulary) }
        #expect(error?.line == line && error?.column == column && error?.found == found, "\(String(describing: error))")
    }

    /// Two variables of nginx of one name would send the traffic of one route after the decision of the other.
    @Test(
        arguments: [
            ("{{#routes}}{{identifier}}{{/routes}}", "{{identifier}}, which is chat_eu for chat-EU and for chat.eu"),
            ("{{#routes}}{{variable}}{{/routes}}", "{{variable}}, which is chat_eu for chat-EU and for chat.eu"),
            (
                "{{#routes}}{{#serving}}{{route_identifier}}{{/serving}}{{/routes}}",
                "{{route_identifier}}, which is chat_eu for chat-EU and for chat.eu"
            ),
            ("{{#endpoints}}{{identifier}}{{/endpoints}}", "{{identifier}}, which is a_1 for a-1 and for a_1"),
            ("{{#routes}}{{name}}{{/routes}}{{#endpoints}}{{name}}{{/endpoints}}", nil),
        ] as [(String, String?)]
    )
    func anIdentifierThatTwoHaveIsRefused(text: String, found: String?) {
        let names = TemplateVocabulary(routes: ["chat.eu", "web", "chat-EU"], endpoints: ["a_1", "a-1", "b"])
        func problem() -> TemplateError? {
            do throws(TemplateError) {
                _ = try Template(text, names)
                return nil
            } catch {
                return error
            }
        }
        #expect(problem()?.found == found)
    }

    @Test func whatIsAllowedIsListed() {
        let error = #expect(throws: TemplateError.self) { _ = try Template("{{x}}", vocabulary) }
        #expect(
            error?.description
                == "line 1, column 1: found the unknown name x, allowed: endpoint, endpoints, generation, route, routes, vantage"
        )
    }

    @Test func anUnknownNameIsToldWithThoseThatAreKnown() {
        let error = #expect(throws: TemplateError.self) { _ = try Template("{{route.chatt.name}}", vocabulary) }
        #expect(error?.unknown == TemplateError.UnknownName(name: "route.chatt", known: ["route.chat"]))
    }

    @Test func anOwnOrderIsNoLongerThanAnybodyTries() throws {
        let names = (0..<40).map { "e\($0)" }
        var facts = TemplateFacts(vantage: "here", generation: 1, routes: [], endpoints: [])
        facts.endpoints = names.map { .init(name: $0, region: "r", url: "http://\($0)/", verdict: "healthy") }
        facts.routes = [
            .init(
                name: "wide",
                policy: "active-standby",
                mode: "preferred",
                generation: 1,
                reasonCode: "started",
                active: "e3",
                order: names,
                endpoints: names,
                weights: names.map { $0 == "e3" ? 100 : 0 }
            )
        ]
        let template = try Template(
            "{{#route.wide.active}}{{#own_order}}{{name}} {{/own_order}}{{/route.wide.active}}",
            TemplateVocabulary(routes: ["wide"], endpoints: names)
        )
        let listed = String(decoding: try template.render(facts), as: UTF8.self).split(separator: " ").map(String.init)
        #expect(listed == ["e3"] + (0..<16).filter { $0 != 3 }.map { "e\($0)" })
    }

    @Test func sectionsAreNotTooDeep() throws {
        func text(_ depth: Int) -> String {
            let (begin, end) = ("{{#route.chat}}", "{{/route.chat}}")
            return String(repeating: begin, count: depth) + "x" + String(repeating: end, count: depth)
        }
        _ = try Template(text(16), vocabulary)
        #expect(throws: TemplateError.self) { try Template(text(17), vocabulary) }
        #expect(throws: TemplateError.self) { try Template(String(repeating: "x", count: 262_145), vocabulary) }
    }

    @Test(arguments: ["", " \n", "{{#route.chat.is_pinned}}x{{/route.chat.is_pinned}}"])
    func anEmptyResultIsNone(text: String) throws {
        let template = try Template(text, vocabulary)
        #expect(throws: Template.Failure.empty) { try template.render(facts) }
    }

    /// Anything that the check lets through is rendered, and nothing makes the library stumble.
    @Test func whatPassesTheCheckRenders() {
        let pieces = [
            "{{", "}}", "{", "}", "#", "^", "/", "!", "&", "=", "%", " ", "\n", "\r\n", "\u{2028}", "vantage", "routes",
            "name", "active", ".", "x", "{{vantage}}", "{{#routes}}", "{{/routes}}", "{{^routes}}", "{{{vantage}}}",
            "{{! x }}", "é",
        ]
        var state: UInt64 = 1
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var sound = 0
        for _ in 0..<20_000 {
            let text = (0..<next(12)).map { _ in pieces[next(pieces.count)] }.joined()
            guard let template = try? Template(text, vocabulary) else { continue }
            sound += 1
            let result = (try? template.render(facts)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            #expect(!result.contains("{{vantage}}"), "\(text.debugDescription)")
        }
        #expect(sound > 1_000)
    }

    @Test func aStateOfAnotherConfigurationIsNotRendered() throws {
        let template = try Template("{{vantage}}", vocabulary)
        var other = facts
        other.endpoints.removeLast()
        #expect(throws: Template.Failure.otherNames) { try template.render(other) }
        var fewer = facts
        fewer.routes.removeLast()
        #expect(throws: Template.Failure.otherNames) { try template.render(fewer) }
    }

    @Test func controlCharactersOfAttributesBecomeSpaces() throws {
        var facts = facts
        facts.endpoints[0].attributes["rank"] = "a\nb\u{1b}"
        let template = try Template("{{endpoint.ap.attributes.rank}}", vocabulary)
        #expect(try String(decoding: template.render(facts), as: UTF8.self) == "a b ")
    }
}

private func rendered(_ text: String) throws -> String {
    String(decoding: try Template(text, vocabulary).render(facts), as: UTF8.self)
}

private let vocabulary = TemplateVocabulary(
    routes: ["chat", "web.v2"],
    endpoints: ["us-east", "eu-west", "ap"],
    attributes: ["rank": true, "note": false]
)

private let facts = TemplateFacts(
    vantage: "here",
    generation: 7,
    routes: [
        TemplateFacts.Route(
            name: "chat",
            policy: "active-standby",
            mode: "failover",
            generation: 7,
            reasonCode: "availability",
            active: "eu-west",
            order: ["ap", "eu-west"],
            endpoints: ["us-east", "eu-west", "ap"],
            weights: [0, 100, 0]
        ),
        webRoute,
    ],
    endpoints: [
        TemplateFacts.Endpoint(
            name: "ap",
            region: "ap",
            url: "tcp://192.0.2.1:5432",
            attributes: ["rank": "1"],
            verdict: "healthy"
        ),
        TemplateFacts.Endpoint(
            name: "eu-west",
            region: "eu",
            provider: "acme",
            url: "https://[2001:db8::1]/v1",
            attributes: ["rank": "2", "note": "a & b"],
            verdict: "healthy"
        ),
        TemplateFacts.Endpoint(
            name: "us-east",
            region: "us",
            url: "https://us.example.com/v1",
            attributes: ["rank": "3"],
            verdict: "unhealthy"
        ),
    ]
)

/// A weighted route whose name is no identifier.
let webRoute = TemplateFacts.Route(
    name: "web.v2",
    policy: "weighted",
    mode: "preferred",
    generation: 2,
    reasonCode: "started",
    active: "us-east",
    order: ["us-east", "eu-west"],
    endpoints: ["us-east", "eu-west"],
    weights: [60, 40]
)
