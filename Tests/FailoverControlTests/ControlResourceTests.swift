import Testing

@testable import FailoverControl

@Suite struct ControlResourceTests {
    @Test(
        arguments: [
            ("/v1/status", .status), ("/v1/routes/chat", .route("chat")),
            ("/v1/routes/chat/active", .active(route: "chat")),
            ("/v1/routes/chat/explain", .explain(route: "chat")), ("/v1/events", .events), ("/v1/reload", .reload),
            ("/healthz", .health), ("/metrics", .metrics), ("/metrics/", nil), ("/", nil), ("", nil), ("/v1", nil),
            ("/v1/", nil), ("/v1/routes", nil),
            ("/v1/routes/", nil), ("/v1/routes//active", nil), ("/v1/routes/chat/", nil), ("/v1/routes/chat/pin", nil),
            ("/v1/routes/chat/active/x", nil), ("/v1/status/", nil), ("/V1/status", nil), ("//v1/status", nil),
        ] as [(String, ControlResource?)]
    )
    func pathsMeanResources(path: String, expected: ControlResource?) {
        #expect(ControlResource(path: path) == expected)
    }
}
