import Foundation
import TestSupport

extension Nginx {
    /// One before a region, over TLS with HTTP/2, that hands each byte on at once.
    static func start(before backend: Int, certificate: String, on stage: Stage) async throws -> Nginx {
        let nginx = try Nginx(
            "chat-nginx",
            on: stage,
            certificate: certificate,
            // Here, because old and new versions know it.
            options: "http2",
            location: """
                proxy_pass http://127.0.0.1:\(backend);
                proxy_http_version 1.1;
                proxy_buffering off;
                """
        )
        try await answers("https://127.0.0.1:\(nginx.port)/", try await nginx.start())
        return nginx
    }
}

/// A real LiteLLM proxy whose models answer from its own configuration.
struct LiteLLM: Sendable {
    let port: Int
    /// Behind this one is a text, behind the other ones an error of the proxy's making.
    static let model = "mock"
    static let key = "sk-litellm-3Hq8wZ"

    var url: String { "http://127.0.0.1:\(port)/v1" }

    static func start(on stage: Stage) async throws -> LiteLLM {
        let port = try freePort()
        let text = """
            model_list:
              - model_name: \(model)
                litellm_params: { model: openai/mock, api_key: unused, mock_response: OK and nothing else. }
              - model_name: throttled
                litellm_params: { model: openai/mock, api_key: unused, mock_response: litellm.RateLimitError }
              - model_name: failing
                litellm_params: { model: openai/mock, api_key: unused, mock_response: litellm.InternalServerError }
            router_settings: { num_retries: 0, disable_cooldowns: true }
            litellm_settings: { num_retries: 0, telemetry: false }
            general_settings: { master_key: \(key) }

            """
        try stage.write(text, to: "litellm.yaml")
        let program = try stage.start(
            Python.litellm,
            ["--config", stage.directory.path("litellm.yaml"), "--host", "127.0.0.1", "--port", "\(port)"],
            // Its table of prices would come from the network otherwise.
            environment: ["LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"],
            log: "litellm.log"
        )
        do {
            try await answers("http://127.0.0.1:\(port)/health/liveliness", program, within: .seconds(120))
        } catch {
            let log = (try? String(contentsOfFile: stage.directory.path("litellm.log"), encoding: .utf8)) ?? ""
            throw ConditionError(description: "\(error)\nlitellm said:\n\(log.suffix(4000))")
        }
        return LiteLLM(port: port)
    }
}

/// Waits until a server answers 200.
func answers(_ url: String, _ program: Program, within limit: Duration = .seconds(30)) async throws {
    try await condition("\(url) answers", within: limit) {
        guard program.isRunning else { throw ConditionError(description: "\(program.name) ended") }
        let arguments = ["-sSk", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "5", url]
        return try run("/usr/bin/curl", arguments).standardOutput == "200"
    }
}
