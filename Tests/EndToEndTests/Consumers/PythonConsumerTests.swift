import FailoverWire
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Applications in Python follow the daemon with the module in contrib/python.
    @Suite struct PythonConsumerTests {
        private static let package = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../contrib/python").standardized.path
        private static let environment = [
            "PYTHONPATH": package, "PYTHONDONTWRITEBYTECODE": "1",
            // LiteLLM asks the Internet for prices otherwise.
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        ]

        @Test func theModulesOwnTestsPass() throws {
            let output = try run(
                Python.python,
                ["-W", "ignore", "-m", "unittest", "discover", "--start-directory", Self.package],
                environment: Self.environment
            )
            #expect(output.status == 0 && output.standardError.contains("OK"), "\(output.standardError)")
        }

        /// Asks over and over, and notes the region that answered or what went wrong, until it is told to stop.
        private static let client = """
            import os, sys, time
            import openai
            from failoverd import Reader
            from failoverd.chats import Chats

            reader = Reader("main", {"us-east": os.environ["US"], "eu-west": os.environ["EU"]}, os.environ["STATE"])
            key = os.environ["KEY"]
            chats = Chats(reader, lambda at: openai.OpenAI(base_url=at.url, api_key=key, max_retries=0, timeout=20))
            messages = [{"role": "user", "content": "Reply with OK."}]
            while not os.path.exists(os.environ["STOP"]):
                try:
                    stream = chats.create(model="sim-small", messages=messages, max_tokens=4, stream=True)
                    text = "".join(part.choices[0].delta.content or "" for part in stream if part.choices)
                    region = next(name for name in ["us-east", "eu-west"] if name in text)
                    answer = region
                except Exception as error:
                    answer = f"lost: {type(error).__name__}: {error}"
                fresh = "fresh" if reader.decision().is_fresh else "own order"
                print(answer, "/", fresh, flush=True)

            """

        @Test(.timeLimit(.minutes(5)))
        func anOpenAIClientLosesNothingInAFailoverNorWithoutTheDaemon() async throws {
            try await withStage { stage in
                let regions = try await ChatRegions.start(["us-east", "eu-west"], on: stage)
                var setup = ChatSetup(["us-east", "eu-west"].map { .init(name: $0, url: regions.url($0)) })
                setup.credentialFile = try stage.writeKey()
                try stage.configure(setup)
                let daemon = try await stage.runDaemon()
                // Both of them have been good for long enough to take over.
                try await stage.state("there is a standby") { $0.routes["main"]?.order == ["us-east", "eu-west"] }

                try stage.write(Self.client, to: "client.py")
                let stop = stage.directory.path("stop")
                let more = [
                    "US": regions.url("us-east"), "EU": regions.url("eu-west"), "KEY": ChatRegions.key,
                    "STATE": stage.place.stateFile, "STOP": stop,
                ]
                let client = try stage.start(
                    Python.python,
                    [stage.directory.path("client.py")],
                    environment: Self.environment.merging(more) { $1 },
                    log: "client.log"
                )
                @Sendable func answers() throws -> [String] {
                    try String(contentsOfFile: stage.directory.path("client.log"), encoding: .utf8)
                        .split(separator: "\n").map(String.init)
                }
                @Sendable func answered(_ last: String) async throws {
                    try await condition("\(last), five times in a row", within: .seconds(60)) {
                        try answers().suffix(5) == Array(repeating: last, count: 5)[...]
                    }
                }
                try await answered("us-east / fresh")
                try regions.fault("us-east", #"{"status": 503}"#)
                try await answered("eu-west / fresh")
                try regions.heal("us-east")
                try await answered("us-east / fresh")

                // Its last word holds until its end, and then the client's own order.
                try regions.fault("us-east", #"{"status": 503}"#)
                try await stage.active("eu-west")
                daemon.end()
                try await answered("eu-west / fresh")
                try regions.heal("us-east")
                try await answered("us-east / own order")
                try Data().write(to: URL(filePath: stop))
                #expect(try await client.ending() == .exit(0))
                let lost = try answers().enumerated().filter { $0.element.hasPrefix("lost") }
                #expect(lost.isEmpty, "\(lost.map(\.element).prefix(3))")
            }
        }
    }
}
