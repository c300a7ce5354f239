import Foundation
import TestSupport

/// A real nginx before a region, over TLS with HTTP/2, that hands each byte on at once.
struct ChatNginx: Sendable {
    let port: Int

    static func start(before backend: Int, certificate: String, on stage: Stage) async throws -> ChatNginx {
        let port = try freePort()
        let directory = stage.directory.path("chat-nginx")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // As a parameter of `listen`, which old and new versions know.
        let text = """
            daemon off;
            master_process off;
            pid nginx.pid;
            error_log error.log;
            events { worker_connections 256; }
            http {
                access_log off;
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                server {
                    listen 127.0.0.1:\(port) ssl http2;
                    ssl_certificate \(certificate);
                    ssl_certificate_key \(certificate);
                    location / {
                        proxy_pass http://127.0.0.1:\(backend);
                        proxy_http_version 1.1;
                        proxy_buffering off;
                    }
                }
            }
            """
        try stage.write(text, to: "chat-nginx/nginx.conf")
        let program = try stage.start(
            Nginx.path,
            ["-p", directory, "-c", "\(directory)/nginx.conf", "-e", "\(directory)/error.log"],
            log: "chat-nginx.log"
        )
        try await answers("https://127.0.0.1:\(port)/", program)
        return ChatNginx(port: port)
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
