import FailoverCore
import FailoverWire

/// Makes single attempts: runs a command, or posts to a webhook.
struct NotificationRound {
    private let means: NotificationWorker.Means
    private var runner: CommandRunner

    init(_ means: NotificationWorker.Means) {
        self.means = means
        runner = CommandRunner { [means] in means.clock().monotonic }
    }

    mutating func tell(
        _ note: NotificationCourse.Note,
        _ configuration: NotificationConfiguration,
        isAbandoned: () -> Bool
    ) -> NotificationCourse.Result {
        let message = NotificationMessage(notification: configuration.name, note: note)
        switch configuration.target {
        case .command(let words):
            let outcome = runner.run(
                words,
                variables: message.variables,
                input: message.json,
                timeout: configuration.timeout,
                isAbandoned: isAbandoned
            )
            switch outcome {
            case .succeeded: return .sent
            case .failed(let text): return .failed(text, isLasting: false, retryAfter: nil)
            }
        case .webhook(let webhook):
            switch request(webhook, message) {
            case .failure(let error): return .failed(error.text, isLasting: false, retryAfter: nil)
            case .success(let request):
                return means.sender.send(
                    request,
                    timeout: configuration.timeout,
                    now: { [means] in means.clock().monotonic },
                    isAbandoned: isAbandoned
                )
            }
        }
    }

    /// A single attempt, and what it came to.
    mutating func attempt(
        _ event: EventDocument,
        _ configuration: NotificationConfiguration,
        isAbandoned: () -> Bool
    ) -> NotificationTestDocument.Outcome {
        let begin = means.clock().monotonic
        let result = tell(.init(event: event), configuration, isAbandoned: isAbandoned)
        let time = (means.clock().monotonic - begin).inMilliseconds.roundedForReaders
        let failure: String? =
            switch result {
            case .sent: nil
            case .failed(let text, _, _): text
            }
        return .init(name: configuration.name, failure: failure, milliseconds: time)
    }

    // MARK: Requests

    private func request(
        _ webhook: NotificationConfiguration.Webhook,
        _ message: NotificationMessage
    ) -> Result<WebhookSender.Request, NotificationSecretError> {
        var url = ""
        var credential = ""
        do throws(NotificationSecretError) {
            switch webhook.address {
            case .url(let text): url = text
            case .secret(let place): url = try means.secret(place).get()
            }
            if let place = webhook.credential { credential = try means.secret(place).get() }
        } catch {
            return .failure(error)
        }
        var isPlaced = false
        func filled(_ text: String) -> String {
            // What the configuration holds was found to be sound.
            guard let places = try? NotificationText(text) else { return text }
            if places.fields.contains(.credential) { isPlaced = true }
            return places.filled { message.value($0, credential: credential) }
        }
        let own = webhook.headers.map { (name: $0.name, value: filled($0.value).onOneLine) }
        let body = webhook.body.map { tree in tree.mapTexts(filled) }
        let bytes = body.flatMap { try? Wire.bytes(of: $0, .compact) } ?? message.json
        var headers = own
        func add(_ name: String, _ value: String) {
            if !own.contains(where: { $0.name.lowercased() == name }) { headers.append((name, value)) }
        }
        add("content-type", "application/json")
        add("user-agent", "failoverd/\(Version.current)")
        // Whoever gets the same note twice can tell by this.
        add("idempotency-key", message.note.event.id)
        if webhook.credential != nil, !isPlaced { add("authorization", "Bearer \(credential)") }
        return .success(WebhookSender.Request(url: url, headers: headers, body: bytes))
    }
}

extension NotificationConfiguration {
    /// Whether an event is to be told here.
    func wants(_ event: EventDocument) -> Bool {
        guard events.contains(where: { $0.rawValue == event.event }) || (includesMoves && event.isMove) else {
            return false
        }
        guard !routes.isEmpty, let route = event.route else { return true }
        return routes.contains { $0.rawValue == route }
    }
}
