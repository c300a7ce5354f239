extension StateDocument: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        write(to: &writer) { writer in
            for (name, endpoint) in endpoints.sorted(by: { $0.key < $1.key }) { writer.field(named: name, endpoint) }
        } routes: { writer in
            for (name, route) in routes.sorted(by: { $0.key < $1.key }) { writer.field(named: name, route) }
        }
    }

    /// With the endpoints and the routes from elsewhere.
    func write(
        to writer: inout JSONWriter,
        endpoints: (inout JSONWriter) -> Void,
        routes: (inout JSONWriter) -> Void
    ) {
        writer.object { writer in
            writer.field("authority", authority)
            writer.field("endpoints", endpoints)
            writer.field("frozen", frozen)
            writer.field("generation", generation)
            writer.field("instance", instance)
            if let notifications { writer.field("notifications", notifications) }
            if let outputs { writer.field("outputs", outputs) }
            writer.field("persisted", persisted)
            writer.field("probing", probing)
            writer.field("routes", routes)
            writer.field("schema", schema)
            writer.field("sequence", sequence)
            writer.field("term", term)
            writer.field("valid_until", validUntil)
            writer.field("vantage", vantage)
            writer.field("vantages", vantages)
            writer.field("written_at", writtenAt)
        }
    }
}

extension StateDocument.Authority: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("kind", kind)
            writer.field("of", of)
            writer.field("votes", votes)
        }
    }
}

extension StateDocument.Instance: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("config_hash", configHash)
            writer.field("id", id)
            writer.field("version", version)
        }
    }
}

extension StateDocument.Freeze: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("by", by)
            writer.field("reason", reason)
            writer.field("since", since)
            writer.field("until", until)
        }
    }
}

extension StateDocument.Intent: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("by", by)
            writer.field("reason", reason)
            if let region { writer.field("region", region) }
            writer.field("until", until)
        }
    }
}

extension StateDocument.Vantage: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            if let anchors { writer.field("anchors", anchors) }
            writer.field("name", name)
            writer.field("reason", reason)
            writer.field("since", since)
            writer.field("state", state)
        }
    }
}

extension StateDocument.VantageSeen: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("reason", reason)
            writer.field("seen_at", seenAt)
            writer.field("state", state)
        }
    }
}

extension StateDocument.Probing: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("finished", finished)
            writer.field("local", local)
            writer.field("skipped", skipped)
            writer.field("trouble", trouble)
        }
    }
}

extension StateDocument.Trouble: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("code", code)
            writer.field("since", since)
            writer.field("text", text)
        }
    }
}
