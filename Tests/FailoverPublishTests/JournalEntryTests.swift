import FailoverCore
import FailoverPublish
import FailoverSystemd
import FailoverWire
import Testing

@Suite struct JournalEntryTests {
    @Test func aFailoverHasAllFieldsThatApply() {
        let entry = JournalEntry(document(move()))
        #expect(
            entry.journalFields == [
                JournalField(
                    "MESSAGE",
                    "chat failed over, us-east -> eu-west: availability: \"outage\" evidence 7.20 >= 6.98 (generation 3)"
                ),
                JournalField("PRIORITY", "4"),
                JournalField("SYSLOG_IDENTIFIER", "failoverd"),
                JournalField("MESSAGE_ID", "fc112363041445d9b8a3b872f7f6eefa"),
                JournalField("FAILOVERD_EVENT", "failover"),
                JournalField("FAILOVERD_ROUTE", "chat"),
                JournalField("FAILOVERD_FROM", "us-east"),
                JournalField("FAILOVERD_TO", "eu-west"),
                JournalField("FAILOVERD_REGION_FROM", "us-east-1"),
                JournalField("FAILOVERD_REGION_TO", "eu-west-1"),
                JournalField("FAILOVERD_REASON_CODE", "availability"),
                JournalField("FAILOVERD_REASON", "availability: \"outage\" evidence 7.20 >= 6.98"),
                JournalField("FAILOVERD_GENERATION", "3"),
                JournalField("FAILOVERD_TERM", "0"),
                JournalField("FAILOVERD_VANTAGE", "us-east-a"),
                JournalField("FAILOVERD_INSTANCE", "00c0ffee"),
                JournalField("FAILOVERD_DRY_RUN", "0"),
            ]
        )
        #expect(entry.journalFields.filter { !$0.hasValidName } == [])
    }

    @Test func anActorAndObserveModeAreTold() {
        var event = document(move(dryRun: true))
        event.actor = "root"
        let fields = JournalEntry(event).journalFields
        #expect(fields.contains(JournalField("FAILOVERD_ACTOR", "root")))
        #expect(fields.contains(JournalField("FAILOVERD_DRY_RUN", "1")))
    }

    private static func event(
        _ kind: EventKind,
        route: RouteName? = nil,
        endpoint: EndpointName? = nil,
        region: RegionName? = nil,
        code: ReasonCode = "code",
        text: String = "because",
        move: Bool = false,
        dryRun: Bool = false,
        actor: String? = nil
    ) -> Event {
        Event(
            kind: kind,
            at: .seconds(1_000),
            route: route,
            endpoint: endpoint,
            from: move ? "us-east" : nil,
            to: move ? "eu-west" : nil,
            regionFrom: region,
            reason: Reason(code, text),
            generation: 3,
            requester: actor,
            dryRun: dryRun
        )
    }

    static let lines: [(Event, priority: JournalPriority, message: String, summary: String)] = [
        (event(.started), .info, "because", "because"),
        (
            event(.failover, route: "chat", move: true), .warning,
            "chat failed over, us-east -> eu-west: because (generation 3)",
            "chat us-east -> eu-west  because (generation 3)"
        ),
        (
            event(.failover, route: "chat", move: true, dryRun: true), .warning,
            "chat would have failed over, us-east -> eu-west: because (generation 3, observing only)",
            "chat us-east -> eu-west  because (generation 3, observing only)"
        ),
        (
            event(.failback, route: "chat", move: true), .notice,
            "chat failed back, us-east -> eu-west: because (generation 3)",
            "chat us-east -> eu-west  because (generation 3)"
        ),
        (
            event(.failOpen, route: "chat", endpoint: "us-east"), .critical,
            "chat stays on us-east, nobody else is healthy: because (generation 3)",
            "chat stays on us-east  because (generation 3)"
        ),
        (
            event(.held, route: "chat", endpoint: "us-east"), .warning,
            "chat stays on us-east, a move is withheld: because (generation 3)",
            "chat stays on us-east  because (generation 3)"
        ),
        (event(.verdict, endpoint: "us-east"), .notice, "us-east: because", "us-east: because"),
        (
            event(.pinned, route: "chat", move: true, actor: "alice"), .notice,
            "chat pinned by alice, us-east -> eu-west: because (generation 3)",
            "chat us-east -> eu-west  pinned by alice: because (generation 3)"
        ),
        (
            event(.pinned, route: "chat", move: true, dryRun: true, actor: "alice"), .notice,
            "chat pinned by alice, us-east -> eu-west: because (generation 3, observing only)",
            "chat us-east -> eu-west  pinned by alice: because (generation 3, observing only)"
        ),
        (
            event(.pinned, route: "chat", endpoint: "us-east", actor: "alice"), .notice,
            "chat pinned to us-east by alice: because", "chat pinned to us-east by alice: because"
        ),
        (
            event(.unpinned, route: "chat", endpoint: "us-east", actor: "uid 1007"), .notice,
            "chat unpinned from us-east by uid 1007: because", "chat unpinned from us-east by uid 1007: because"
        ),
        (event(.vantage, code: .anchorFailing), .warning, "vantage us-east-a: because", "vantage us-east-a: because"),
        (event(.vantage, code: .anchorOK), .notice, "vantage us-east-a: because", "vantage us-east-a: because"),
        // Without a reason there is nothing to add.
        (
            event(
                .unpinned,
                route: "chat",
                endpoint: "us-east",
                text: "the pin of chat to us-east is lifted",
                actor: "alice"
            ),
            .notice, "chat unpinned from us-east by alice", "chat unpinned from us-east by alice"
        ),
        (
            event(.undrained, region: "us", text: "the drain of region us is lifted", actor: "alice"), .notice,
            "region us undrained by alice", "region us undrained by alice"
        ),
        (
            event(.unfrozen, text: "the freeze is lifted", actor: "alice"), .notice,
            "automatic moves unfrozen by alice", "automatic moves unfrozen by alice"
        ),
        (
            event(.unpinned, route: "chat", endpoint: "us-east", code: .removed), .notice,
            "chat unpinned from us-east: because", "chat unpinned from us-east: because"
        ),
        (
            event(.drained, route: "chat", move: true, actor: "alice"), .notice,
            "chat leaves what was drained by alice, us-east -> eu-west: because (generation 3)",
            "chat us-east -> eu-west  drained by alice: because (generation 3)"
        ),
        (
            event(.drained, endpoint: "us-east", actor: "alice"), .notice, "us-east drained by alice: because",
            "us-east drained by alice: because"
        ),
        (
            event(.drained, region: "us", code: .drainScheduled, actor: "alice"), .notice,
            "region us is to be drained by alice: because", "region us is to be drained by alice: because"
        ),
        (
            event(.undrained, region: "us", actor: "alice"), .notice, "region us undrained by alice: because",
            "region us undrained by alice: because"
        ),
        (
            event(.frozen, actor: "alice"), .notice, "automatic moves frozen by alice: because",
            "automatic moves frozen by alice: because"
        ),
        (
            event(.unfrozen, actor: "alice"), .notice, "automatic moves unfrozen by alice: because",
            "automatic moves unfrozen by alice: because"
        ),
        (event(.expired, route: "chat", endpoint: "us-east"), .notice, "because", "because"),
        (
            event(.certificate, endpoint: "us-east", code: .certificateExpiring), .warning, "us-east: because",
            "us-east: because"
        ),
        (
            event(.certificate, endpoint: "us-east", code: "certificate_renewed"), .notice, "us-east: because",
            "us-east: because"
        ),
        (
            event(.vantage, code: .localDescriptors), .warning, "vantage us-east-a: because",
            "vantage us-east-a: because"
        ),
        (event(.vantage, code: "clear"), .notice, "vantage us-east-a: because", "vantage us-east-a: because"),
        (event(.throttled, endpoint: "us-east", code: .throttled), .notice, "us-east: because", "us-east: because"),
        (event(.misconfigured, endpoint: "us-east", code: .auth), .warning, "us-east: because", "us-east: because"),
        (event(.misconfigured, endpoint: "us-east", code: .filtered), .warning, "us-east: because", "us-east: because"),
        (event(.misconfigured, endpoint: "us-east", code: .clear), .notice, "us-east: because", "us-east: because"),
        (event(.quality, endpoint: "us-east", code: .quality), .warning, "us-east: because", "us-east: because"),
        (event(.quality, endpoint: "us-east", code: .repetition), .warning, "us-east: because", "us-east: because"),
        (event(.quality, endpoint: "us-east", code: .modelChanged), .warning, "us-east: because", "us-east: because"),
        (
            event(.quality, endpoint: "us-east", code: .fingerprintChanged), .notice, "us-east: because",
            "us-east: because"
        ),
        (event(.quality, endpoint: "us-east", code: .clear), .notice, "us-east: because", "us-east: because"),
        (event(.throttled, endpoint: "us-east", code: .clear), .notice, "us-east: because", "us-east: because"),
        (event(.spend, endpoint: "us-east", code: .spendSlower), .notice, "us-east: because", "us-east: because"),
        (event(.spend, endpoint: "us-east", code: .spendCheaper), .notice, "us-east: because", "us-east: because"),
        (event(.spend, endpoint: "us-east", code: .spendResumed), .notice, "us-east: because", "us-east: because"),
        (event(.spend, endpoint: "us-east", code: .spendExhausted), .warning, "us-east: because", "us-east: because"),
        (event(.spend, endpoint: "us-east", code: .reasoningLeak), .warning, "us-east: because", "us-east: because"),
        (
            event(.spend, route: "chat", code: .costlyFailover, move: true), .warning,
            "chat, us-east -> eu-west: because", "chat us-east -> eu-west  because"
        ),
        (event(.config), .notice, "because", "because"),
        (event(.config, code: "reload_refused"), .error, "because", "because"),
        (event(.config, route: "chat"), .notice, "chat: because", "chat: because"),
        (
            event(.config, route: "chat", move: true), .notice,
            "chat moved by the configuration, us-east -> eu-west: because (generation 3)",
            "chat us-east -> eu-west  because (generation 3)"
        ),
        (event(.dropped), .warning, "because", "because"),
        (event(.dropped, text: ""), .warning, "code", "code"),
        (
            event(.verdict, endpoint: "us-east", text: "a\nb\u{1b}[31m\u{85}c"), .notice, "us-east: a b [31m c",
            "us-east: a b [31m c"
        ),
    ]

    @Test(arguments: lines)
    func everyEventHasItsPriorityAndItsLine(
        event: Event,
        priority: JournalPriority,
        message: String,
        summary: String
    ) {
        let entry = JournalEntry(document(event))
        #expect([entry.message, entry.summary] == [message, summary])
        #expect(entry.priority == priority)
    }

    @Test func anEventOfALaterVersionIsToldWithoutAnIdentifier() {
        var event = document(Self.event(.verdict, route: "chat", endpoint: "us-east"))
        event.event = "reweighed"
        let entry = JournalEntry(event)
        #expect(entry.message == "reweighed chat us-east: because")
        #expect(!entry.journalFields.contains { $0.name == "MESSAGE_ID" })
    }

    /// Whose share it is, and who goes where, is said by the reason.
    @Test(
        arguments: [
            (
                ReasonCode.availability, nil, JournalPriority.warning,
                "chat shifts 70 % from a to b: because (generation 3)"
            ),
            (.canaryStopped, nil, .warning, "chat shifts 70 % from a to b: because (generation 3)"),
            (.recovered, nil, .notice, "chat shifts 70 % from a to b: because (generation 3)"),
            (.failbackOrdered, "alice", .notice, "chat shifts 70 % from a to b: because (by alice) (generation 3)"),
        ] as [(ReasonCode, String?, JournalPriority, String)]
    )
    func aShareThatMovesIsTold(code: ReasonCode, actor: String?, priority: JournalPriority, message: String) {
        var event = document(Self.event(.weights, route: "chat"))
        (event.from, event.to, event.share, event.actor) = ("a", "b", "a", actor)
        event.reason = ReasonDocument(code: code.rawValue, text: "70 % from a to b: because")
        let entry = JournalEntry(event)
        #expect(entry.message == message && entry.priority == priority)
        #expect(entry.fields.contains(JournalField("FAILOVERD_SHARE", "a")))
    }

    @Test func lossesAreSaidByKind() {
        let drops = QueueDrops(byKind: ["verdict": 1_200, "line": 1])
        let text = "1201 entries were lost, because nobody took them in time: 1 line, 1200 verdict"
        #expect(
            JournalEntry(dropped: drops, at: noon.wall).journalFields == [
                JournalField("MESSAGE", text),
                JournalField("PRIORITY", "4"),
                JournalField("SYSLOG_IDENTIFIER", "failoverd"),
                JournalField("MESSAGE_ID", "124449e1650f4e5781fdca79512d555b"),
                JournalField("FAILOVERD_EVENT", "dropped"),
                JournalField("FAILOVERD_REASON_CODE", "queue_full"),
                JournalField("FAILOVERD_REASON", text),
                JournalField("FAILOVERD_DROPPED", "1201"),
            ]
        )
    }

    /// People's queries hold these; a test that fails here is right.
    @Test func identifiersNeverChange() {
        let identifiers = Dictionary(uniqueKeysWithValues: EventKind.allCases.map { ($0.rawValue, MessageID.of($0)) })
        #expect(
            identifiers == [
                "started": "c5034d1e9c7640df826d9390729af099",
                "output": "1f6f9a5c3d2e4b7f9c08a1b46e57d3c2",
                "error_budget": "7c0e5b1f8d8d4a0e9a6f2b54c1e3d790",
                "failover": "fc112363041445d9b8a3b872f7f6eefa",
                "failback": "9d3f1f20de134a9e9ac69b00ca0d3568",
                "fail_open": "f0b0080165c1422d9377e1a38631213f",
                "held": "bceb81b1d4714da49bc27162d44efd23",
                "pinned": "6ebe45947b4941bb92c819182bf832d0",
                "unpinned": "b806c25d3226470d917aaf236af28f44",
                "drained": "00e607b47dad4f9b82a04f2745539d5f",
                "undrained": "420f116a8a33424aaf7012462e079c36",
                "frozen": "da52d913eb9a4ba888f13e907c4120eb",
                "unfrozen": "b0a49f64953048a4a2b89f8fd61fc0b1",
                "weights": "140af207bb8d43d8b65f797535dd611f",
                "expired": "9bab17bf15424fe29886afb03f6818c4",
                "verdict": "b2dae92a7cb44a3fa3ad6781020cf9e4",
                "throttled": "d977d76fe6c548d099824a73d7249d28",
                "misconfigured": "df71634c10cc4c1ebc503b27f2312a3b",
                "quality": "6cf2386a4f6548a2947cc4dd9ac4b46e",
                "spend": "6b719d9b47364fe0b8949ca1fccf4120",
                "certificate": "780aa6964b2a433fbdb9749d66f26725",
                "vantage": "a128589acf044d26ac3b041470a709ea",
                "config": "258cb40ba4a14b2b9b69b5ac95c7a55c",
                "dropped": "124449e1650f4e5781fdca79512d555b",
            ]
        )
    }

    @Test(arguments: [
        ("A", true), ("FAILOVERD_ROUTE", true), ("A1_", true), ("", false), ("_A", false), ("1A", false), ("a", false),
        ("Ä", false), ("A-B", false), ("A=B", false), (String(repeating: "A", count: 64), true),
        (String(repeating: "A", count: 65), false),
    ])
    func fieldNamesFollowTheJournalsRule(name: String, isValid: Bool) {
        #expect(JournalField(name, "x").hasValidName == isValid)
    }
}
