extension Fault: Encodable {
    private enum CodingKeys: String, CodingKey {
        case status, refuse, blackhole, stall, truncate, drip, reset, garbage, slow, endless, empty, chat, share
        case retryAfter = "retry_after"
    }

    private enum SlownessKeys: String, CodingKey {
        case factor, latency, ttft
    }

    /// Writes the form that is read.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch kind {
        case .status(let code, let retryAfter):
            try container.encode(code, forKey: .status)
            try container.encodeIfPresent(retryAfter?.shortText, forKey: .retryAfter)
        case .drip(let interval): try container.encode(interval.shortText, forKey: .drip)
        case .slow(let slowness):
            var nested = container.nestedContainer(keyedBy: SlownessKeys.self, forKey: .slow)
            switch slowness {
            case .factor(let factor): try nested.encode(factor, forKey: .factor)
            case .replaced(let latency, let timeToFirstToken):
                try nested.encodeIfPresent(latency, forKey: .latency)
                try nested.encodeIfPresent(timeToFirstToken, forKey: .ttft)
            }
        case .refuse: try container.encode(true, forKey: .refuse)
        case .blackhole: try container.encode(true, forKey: .blackhole)
        case .stall: try container.encode(true, forKey: .stall)
        case .truncate: try container.encode(true, forKey: .truncate)
        case .reset: try container.encode(true, forKey: .reset)
        case .garbage: try container.encode(true, forKey: .garbage)
        case .endless: try container.encode(true, forKey: .endless)
        case .empty: try container.encode(true, forKey: .empty)
        case .chat(let quirk): try container.encode(quirk, forKey: .chat)
        }
        if kind != .refuse { try container.encode(share, forKey: .share) }
    }
}

extension ChatQuirk: Encodable {
    private enum CodingKeys: String, CodingKey {
        case quirk, tokens, every, wait, status, code, type, message
    }

    package func encode(to encoder: any Encoder) throws {
        guard settings != Settings() else {
            var container = encoder.singleValueContainer()
            return try container.encode(name)
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .quirk)
        try container.encodeIfPresent(settings.tokens, forKey: .tokens)
        try container.encodeIfPresent(settings.every?.shortText, forKey: .every)
        try container.encodeIfPresent(settings.wait?.shortText, forKey: .wait)
        try container.encodeIfPresent(settings.status, forKey: .status)
        try container.encodeIfPresent(settings.code, forKey: .code)
        try container.encodeIfPresent(settings.type, forKey: .type)
        try container.encodeIfPresent(settings.message, forKey: .message)
    }
}

extension LatencyModel: Encodable {
    private enum CodingKeys: String, CodingKey {
        case p50, p99
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(p50.shortText, forKey: .p50)
        try container.encode(p99.shortText, forKey: .p99)
    }
}
