import FailoverCore

extension World {
    /// Reports wait at most this long for others; anything but a success not at all.
    private static var longestReportDelay: Duration { .milliseconds(100) }
    /// What was under way in a longer pause says nothing.
    static var longestPause: Duration { .milliseconds(500) }

    /// Lays out the probes of a configuration, or of a new process; what did not change goes on.
    mutating func schedule(keeping old: [Track] = []) {
        var tracks: [Track] = []
        for endpoint in configuration.endpoints {
            guard let place = names.firstIndex(of: endpoint.name) else { continue }
            for probe in endpoint.probes {
                let key = ProbeKey(endpoint: endpoint.name, probe: probe.name)
                turns += 1
                if var track = old.first(where: { $0.key == key && $0.probe == probe }) {
                    track.turn = turns
                    tracks.append(track)
                } else {
                    let timetable = Timetable(interval: probe.interval, at: now, &random)
                    tracks.append(Track(key: key, probe: probe, endpoint: place, timetable: timetable, turn: turns))
                }
            }
        }
        self.tracks = tracks
        for index in tracks.indices {
            arm(index)
            // Their places are others now.
            for attempt in tracks[index].attempts { planEnd(of: attempt, track: index) }
        }
    }

    private mutating func arm(_ track: Int) {
        agenda.insert(.start(track: track, turn: tracks[track].turn), at: max(now, tracks[track].timetable.nextStart))
    }

    private mutating func rearm(_ track: Int) {
        turns += 1
        tracks[track].turn = turns
        arm(track)
    }

    // MARK: - What the engine orders

    mutating func setInterval(_ key: ProbeKey, _ interval: Duration) {
        guard let track = tracks.firstIndex(where: { $0.key == key }) else { return }
        tracks[track].timetable.setInterval(interval, at: now, &random)
        rearm(track)
    }

    mutating func probeNow(_ key: ProbeKey, source: ProbeSource) {
        guard let track = tracks.firstIndex(where: { $0.key == key }) else { return }
        guard tracks[track].timetable.request(at: now) else { return report(.skipped(key, count: 1), isUrgent: false) }
        begin(track, source: source, isLate: false)
    }

    // MARK: - Attempts

    mutating func startIsDue(_ track: Int, turn: UInt64) {
        guard tracks.indices.contains(track), tracks[track].turn == turn, isRunning else { return }
        let isLate = now - tracks[track].timetable.nextStart > Self.longestPause
        let (begins, skipped) = tracks[track].timetable.start(at: now, &random)
        arm(track)
        if skipped > 0 { report(.skipped(tracks[track].key, count: skipped), isUrgent: false) }
        if begins { begin(track, source: .probe, isLate: isLate) }
    }

    private mutating func begin(_ track: Int, source: ProbeSource, isLate: Bool) {
        attempts += 1
        tally.probes += 1
        let meeting = network.meet(tracks[track].probe, of: tracks[track].endpoint, at: now)
        let start = AttemptStart(key: tracks[track].key, attempt: AttemptID(attempts), source: source, start: now)
        report(.attemptStarted(start), isUrgent: false)
        for index in tracks[track].attempts.indices { tracks[track].attempts[index].place = nil }
        let isAlone = tracks[track].attempts.isEmpty
        let attempt = Attempt(
            id: start.attempt,
            source: source,
            start: now,
            meeting: meeting,
            isVoid: isLate,
            place: isAlone && meeting.waits == .zero ? (batch, reports.count - 1) : nil
        )
        tracks[track].attempts.append(attempt)
        if meeting.waits > .zero {
            report(.attemptWaits(start.key, start.attempt, onUs: true), isUrgent: false)
            agenda.insert(.nameFound(track: track, attempt.id), at: now + meeting.waits)
        }
        planEnd(of: attempt, track: track)
    }

    /// Puts the attempt's end on the agenda, and before it the objectives of a chat that only its prober sees.
    private mutating func planEnd(of attempt: Attempt, track: Int) {
        let (meeting, probe) = (attempt.meeting, tracks[track].probe)
        let begin = attempt.start + meeting.waits
        agenda.insert(.end(track: track, attempt.id), at: max(now, begin + meeting.length))
        guard probe.isChat, meeting.isAsked else { return }
        if let objective = probe.latencyObjective, meeting.length > objective, begin + objective > now {
            agenda.insert(.overdue(track: track, attempt.id, .latency), at: begin + objective)
        }
        if let objective = probe.ttftObjective, (meeting.ttft ?? .zero) > objective, begin + objective > now {
            agenda.insert(.overdue(track: track, attempt.id, .ttft), at: begin + objective)
        }
    }

    private func position(_ track: Int, _ attempt: AttemptID) -> Int? {
        guard tracks.indices.contains(track) else { return nil }
        return tracks[track].attempts.firstIndex { $0.id == attempt }
    }

    mutating func nameFound(_ track: Int, _ attempt: AttemptID) {
        guard position(track, attempt) != nil else { return }
        report(.attemptWaits(tracks[track].key, attempt, onUs: false), isUrgent: false)
    }

    mutating func becomeOverdue(_ track: Int, _ attempt: AttemptID, _ kind: IndicatorKind) {
        guard let position = position(track, attempt), !tracks[track].attempts[position].isVoid else { return }
        tracks[track].attempts[position].place = nil
        report(.overdue(tracks[track].key, attempt, kind), isUrgent: true)
    }

    mutating func end(_ track: Int, _ attempt: AttemptID) {
        guard let position = position(track, attempt) else { return }
        let ended = tracks[track].attempts.remove(at: position)
        tracks[track].timetable.finish()
        // Static: a method would copy the whole world for it.
        let observation = Self.observation(ended, tracks[track], at: now)
        if let wait = observation.retryAfter {
            tracks[track].timetable.hold(until: now + wait, &random)
            rearm(track)
        }
        // A result tells of the start as well, if that has not been handed over.
        if let place = ended.place, place.batch == batch, place.index < reports.count {
            reports[place.index] = .observed(observation)
            setDue(isUrgent: observation.isUrgent)
        } else {
            report(.observed(observation), isUrgent: observation.isUrgent)
        }
    }

    private static func observation(_ attempt: Attempt, _ track: Track, at now: MonotonicInstant) -> Observation {
        let meeting = attempt.meeting
        let isChat = track.probe.isChat
        guard !attempt.isVoid else {
            return Observation(
                key: track.key,
                attempt: attempt.id,
                source: attempt.source,
                start: attempt.start,
                end: now,
                outcome: .inconclusive(.localStalled),
                tier: track.probe.tier
            )
        }
        let isAnswered = meeting.outcome == .success && isChat && track.probe.tier == .deep
        return Observation(
            key: track.key,
            attempt: attempt.id,
            source: attempt.source,
            start: attempt.start,
            end: now,
            outcome: meeting.outcome,
            latency: meeting.latency,
            ttft: isChat && track.probe.tier == .deep ? meeting.ttft : nil,
            chat: isAnswered ? goodAnswer : nil,
            tier: track.probe.tier,
            retryAfter: meeting.retryAfter
        )
    }

    // MARK: - Reports

    mutating func report(_ input: Input, isUrgent: Bool) {
        guard isRunning else { return }
        reports.append(input)
        setDue(isUrgent: isUrgent)
    }

    private mutating func setDue(isUrgent: Bool) {
        let due = isUrgent ? now : now + Self.longestReportDelay
        if let reportsDue, reportsDue <= due { return }
        reportsDue = due
        agenda.insert(.reports(batch: batch), at: due)
    }

    mutating func handOver() {
        reportsDue = nil
        batch += 1
        let inputs = reports
        reports.removeAll(keepingCapacity: true)
        turn(inputs)
    }
}

/// Shared by all: it says nothing that differs.
private let goodAnswer = ChatReport(finish: "stop")

extension Observation {
    fileprivate var isUrgent: Bool { outcome != .success || source == .confirm }
}
