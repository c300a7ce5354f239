import FailoverCore

extension ResolvedConfigurationText {
    mutating func add(_ notifications: [NotificationConfiguration]) {
        typealias Keys = NotificationKeys
        if !notifications.isEmpty { line(0, "\(Keys.notifications):") }
        for notification in notifications {
            line(1, "- \(Keys.name.name): \(YAMLText.string(notification.name))")
            let isAll = notification.events.count == EventKind.allCases.count
            let kinds = isAll ? [Keys.all] : notification.events.map(\.rawValue)
            let words = (notification.includesMoves ? [Keys.moves] : []) + kinds
            line(2, "\(Keys.events): [\(words.joined(separator: ", "))]")
            if !notification.routes.isEmpty {
                let routes = notification.routes.map { YAMLText.string($0.rawValue) }
                line(2, "\(Keys.routes): [\(routes.joined(separator: ", "))]")
            }
            switch notification.target {
            case .command(let words):
                line(2, "\(Keys.command): [\(words.map(YAMLText.string).joined(separator: ", "))]")
            case .webhook(let webhook): add(webhook)
            }
            line(2, "\(Keys.timeout.name): \(DurationText.format(notification.timeout))")
            line(2, "\(Keys.retries.name): \(notification.retries)")
            line(2, "\(Keys.minimumInterval.name): \(DurationText.format(notification.minimumInterval))")
        }
    }

    /// Where a secret is found is no secret.
    private mutating func add(_ webhook: NotificationConfiguration.Webhook) {
        line(2, "\(NotificationKeys.webhook):")
        switch webhook.address {
        case .url(let url): line(3, "\(WebhookKeys.url.name): \(YAMLText.string(Self.shown(url)))")
        case .secret(.systemd(let name)): line(3, "\(WebhookKeys.urlCredential.name): \(YAMLText.string(name))")
        case .secret(.file(let path)): line(3, "\(WebhookKeys.urlFile.name): \(YAMLText.string(path))")
        }
        switch webhook.credential {
        case nil: break
        case .systemd(let name)?: line(3, "\(CredentialKeys.credential.name): \(YAMLText.string(name))")
        case .file(let path)?: line(3, "\(CredentialKeys.file.name): \(YAMLText.string(path))")
        }
        if !webhook.headers.isEmpty { line(3, "\(WebhookKeys.headers):") }
        for header in webhook.headers { line(4, "\(YAMLText.string(header.name)): (set)") }
        if let body = webhook.body { line(3, "\(WebhookKeys.body): \(YAMLText.flow(body))") }
    }

    /// The path of a webhook often is what lets one in.
    private static func shown(_ url: String) -> String {
        let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
        let place = url[start...].prefix { !"/?".contains($0) }
        return place.endIndex == url.endIndex ? url : url[..<place.endIndex] + "/(hidden)"
    }
}
