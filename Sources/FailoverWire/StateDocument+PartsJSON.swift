extension StateDocument.Route: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("active", active)
            writer.field("dry_run", dryRun)
            writer.field("endpoints", endpoints)
            writer.field("generation", generation)
            writer.field("mode", mode)
            writer.field("order", order)
            if let pinned { writer.field("pinned", pinned) }
            writer.field("policy", policy)
            writer.field("provisional", provisional)
            writer.field("reason", reason)
            if let shares { writer.field("shares", shares) }
            writer.field("since", since)
            if let speed { writer.field("speed", speed) }
            writer.field("weights", weights)
            writer.field("would_be_active", wouldBeActive)
            if let wouldBeWeights { writer.field("would_be_weights", wouldBeWeights) }
        }
    }
}

extension StateDocument.Endpoint: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("attributes", attributes)
            writer.field("by_vantage", byVantage)
            if let chat { writer.field("chat", chat) }
            writer.field("connections", connections)
            if let drainScheduled { writer.field("drain_scheduled", drainScheduled) }
            writer.field("drained", drained)
            writer.field("indicators", indicators)
            writer.field("pinned", pinned)
            writer.field("provider", provider)
            writer.field("reason", reason)
            writer.field("region", region)
            if let reported { writer.field("reported", reported) }
            writer.field("since", since)
            if let spend { writer.field("spend", spend) }
            writer.field("tier", tier)
            writer.field("url", url)
            writer.field("verdict", verdict)
        }
    }
}

extension StateDocument.Indicator: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        switch self {
        case .availability(let indicator): indicator.write(to: &writer)
        case .latency(let indicator): indicator.write(to: &writer)
        }
    }
}

extension StateDocument.Indicator.Availability: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("bad", bad)
            writer.field("error_rate", errorRate)
            writer.field("evidence", evidence)
            writer.field("objective", objective)
            writer.field("samples", samples)
            writer.field("threshold", threshold)
            writer.field("void", void)
        }
    }
}

extension StateDocument.Indicator.Latency: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("bad", bad)
            writer.field("censored", censored)
            writer.field("evidence", evidence)
            writer.field("objective", objective)
            writer.field("p50_ms", p50)
            writer.field("p90_ms", p90)
            writer.field("p99_ms", p99)
            writer.field("samples", samples)
            writer.field("threshold", threshold)
            writer.field("void", void)
        }
    }
}

extension StateDocument.Connection: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("address", address)
            writer.field("certificate", certificate)
            writer.field("failed_family", failedFamily)
            writer.field("family", family)
            writer.field("http", http)
            writer.field("reused", reused)
        }
    }
}

extension StateDocument.Certificate: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("expires_at", expiresAt)
            writer.field("expires_soon", expiresSoon)
        }
    }
}

extension MemoryDocument: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("endpoints", endpoints)
            writer.field("generation", generation)
            writer.field("intents", intents)
            writer.field("routes", routes)
            writer.field("schema", schema)
            writer.field("term", term)
            writer.field("written_at", writtenAt)
        }
    }
}

extension MemoryDocument.Route: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("active", active)
            writer.field("generation", generation)
            writer.field("moves", moves)
            writer.field("reason", reason)
            if let shares { writer.field("shares", shares) }
            writer.field("since", since)
            if let speedMoves { writer.field("speed_moves", speedMoves) }
        }
    }
}

extension MemoryDocument.Endpoint: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            if let baselines { writer.field("baselines", baselines) }
            writer.field("must_prove", mustProve)
            writer.field("penalty", penalty)
            writer.field("penalty_at", penaltyAt)
        }
    }
}
