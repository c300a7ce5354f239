import FailoverCore
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
            ("/v1/routes/", nil), ("/v1/routes//active", nil), ("/v1/routes/chat/", nil), ("/v1/routes/chat/pins", nil),
            ("/v1/routes/chat/pin", .order(.pin(route: "chat"))),
            ("/v1/routes/chat/unpin", .order(.unpin(route: "chat"))),
            ("/v1/routes/chat/failback", .order(.failback(route: "chat"))),
            ("/v1/endpoints/us/drain", .order(.drain(.endpoint("us")))), ("/v1/endpoints/us", nil),
            ("/v1/endpoints/us/undrain", .order(.undrain(.endpoint("us")))), ("/v1/endpoints/us/pin", nil),
            ("/v1/regions/us/drain", .order(.drain(.region("us")))), ("/v1/regions//drain", nil),
            ("/v1/regions/us/undrain", .order(.undrain(.region("us")))), ("/v1/freeze", .order(.freeze)),
            ("/v1/notifications/test", .notificationTest(nil)), ("/v1/notifications", nil),
            ("/v1/notifications/mail/test", .notificationTest("mail")), ("/v1/notifications/mail", nil),
            ("/v1/observations", .observations), ("/v1/observations/", nil),
            ("/v1/unfreeze", .order(.unfreeze)), ("/v1/freeze/x", nil), ("/v1/routes/chat/drain", nil),

            ("/v1/routes/chat/active/x", nil), ("/v1/status/", nil), ("/V1/status", nil), ("//v1/status", nil),
        ] as [(String, ControlResource?)]
    )
    func pathsMeanResources(path: String, expected: ControlResource?) {
        #expect(ControlResource(path: path) == expected)
    }
}
