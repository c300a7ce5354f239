import FailoverCore

/// Reads who is told of events.
struct NotificationReader {
    private typealias Keys = NotificationKeys

    let findings: Findings
    let cache: FileAndPatternCache
    /// Reads commands.
    let templates: TemplateReader
    /// Those that there are.
    let routes: [String]

    /// The notifications at `node`, without those that were refused.
    func read(_ node: SettingNode) -> [NotificationConfiguration] {
        guard case .list(let items) = node.content else {
            findings.refuse(
                node,
                found: node.foundKind,
                allowed: "a list of notifications",
                hint: "begin each with a dash: - name: oncall"
            )
            return []
        }
        guard 1...Keys.maximum ~= items.count else {
            let found = items.isEmpty ? "an empty list" : "\(items.count) notifications"
            findings.refuse(node, found: found, allowed: "1 to \(Keys.maximum) notifications")
            return []
        }
        var seen: Set<String> = []
        return items.compactMap { item in
            guard let notification = notification(item) else { return nil }
            guard seen.insert(notification.name).inserted else {
                findings.refuse(
                    item[Keys.name.name] ?? item,
                    found: "\(ShownText.quoted(notification.name)) twice",
                    allowed: "a name of its own for each"
                )
                return nil
            }
            return notification
        }
    }

    private func notification(_ node: SettingNode) -> NotificationConfiguration? {
        guard let reader = MappingReader(node, table: Keys.table, findings: findings) else { return nil }
        let name = reader.value(Keys.name)
        let words = reader[Keys.events].map { self.words($0, allowed: Keys.eventWords) } ?? []
        let chosen = reader[Keys.routes].map { self.words($0, allowed: routes) } ?? []
        let target = target(reader)
        let (timeout, retries) = (reader.value(Keys.timeout), reader.value(Keys.retries))
        let minimumInterval = reader.value(Keys.minimumInterval)
        guard let name, let target else { return nil }
        let kinds = EventKind.allCases.filter { words.contains(Keys.all) || words.contains($0.rawValue) }
        return NotificationConfiguration(
            name: name.rawValue,
            events: kinds,
            includesMoves: words.contains(Keys.moves),
            routes: chosen.map { RouteName(rawValue: $0) },
            target: target,
            timeout: timeout,
            retries: retries,
            minimumInterval: minimumInterval
        )
    }

    /// The words of a list, each of which must be one of `allowed`.
    private func words(_ node: SettingNode, allowed: [String]) -> [String] {
        guard case .list(let items) = node.content, !items.isEmpty else {
            let found = if case .list = node.content { "an empty list" } else { node.foundKind }
            findings.refuse(node, found: found, allowed: "a list with at least one item")
            return []
        }
        guard items.count <= allowed.count else {
            findings.refuse(node, found: "\(items.count) items", allowed: "at most \(allowed.count)")
            return []
        }
        return items.compactMap { item in
            guard case .scalar(let scalar) = item.content, allowed.contains(scalar.text) else {
                let text = if case .scalar(let scalar) = item.content { scalar.text } else { "" }
                findings.refuse(
                    item,
                    allowed: allowed.prefix(Self.wordsShown).joined(separator: ", "),
                    hint: Suggestion.hint(for: text, among: allowed)
                )
                return nil
            }
            return scalar.text
        }
    }

    /// As many names as help.
    private static let wordsShown = 40

    private func target(_ reader: MappingReader) -> NotificationConfiguration.Target? {
        switch (reader[Keys.command], reader[Keys.webhook]) {
        case (let command?, nil):
            let words = templates.command(command)
            return words.isEmpty ? nil : .command(words)
        case (nil, let webhook?): return self.webhook(webhook).map { .webhook($0) }
        case (_?, let webhook?):
            findings.refuse(webhook, found: "both command and webhook", allowed: "one of them")
            return nil
        case (nil, nil):
            reader.refuseMissing(Keys.command, allowed: "a command, or a webhook")
            return nil
        }
    }

    // MARK: Webhooks

    private func webhook(_ node: SettingNode) -> NotificationConfiguration.Webhook? {
        guard let reader = MappingReader(node, table: WebhookKeys.table, findings: findings) else { return nil }
        let address = address(reader)
        let credential = CredentialReader.read([node], findings: findings, cache: cache)
        let headers = reader[WebhookKeys.headers].map { HTTPSettings.headers($0, findings) } ?? []
        let body = reader[WebhookKeys.body].flatMap { JSONTreeReader.readPlain($0, findings: findings) }
        for header in headers { check(header.value, reader[WebhookKeys.headers] ?? node, credential) }
        for text in body?.texts ?? [] { check(text, reader[WebhookKeys.body] ?? node, credential) }
        return address.map { .init(address: $0, credential: credential, headers: headers, body: body) }
    }

    private func address(_ reader: MappingReader) -> NotificationConfiguration.Address? {
        let names = [WebhookKeys.url.name, WebhookKeys.urlCredential.name, WebhookKeys.urlFile.name]
        let written = names.filter { reader[$0] != nil }
        guard written.count == 1 else {
            if written.isEmpty {
                reader.refuseMissing(names[0], allowed: "url, or url_credential or url_file where it is a secret")
            } else if let node = reader[written[1]] {
                findings.refuse(node, found: written.joined(separator: " and "), allowed: "one of them")
            }
            return nil
        }
        if let name = reader.value(WebhookKeys.urlCredential) { return .secret(.systemd(name: name)) }
        if let path = reader.value(WebhookKeys.urlFile) {
            if let node = reader[WebhookKeys.urlFile.name] { cache.check(path, as: .secret, node, findings) }
            return .secret(.file(path: path))
        }
        return reader.value(WebhookKeys.url).map { .url($0) }
    }

    /// Refuses places that nothing fills.
    private func check(_ text: String, _ node: SettingNode, _ credential: Credential?) {
        do throws(NotificationText.UnknownField) {
            let fields = try NotificationText(text).fields
            if fields.contains(.credential), credential == nil {
                findings.refuse(
                    node,
                    found: "{{credential}}",
                    allowed: "it beside a credential or credential_file"
                )
            }
        } catch {
            findings.refuse(
                node,
                found: ShownText.quoted("{{\(error.name)}}"),
                allowed: NotificationField.allCases.map(\.rawValue).joined(separator: ", "),
                hint: Suggestion.hint(for: error.name, among: NotificationField.allCases.map(\.rawValue))
            )
        }
    }
}
