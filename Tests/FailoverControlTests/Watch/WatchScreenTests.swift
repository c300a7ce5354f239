import FailoverWire
import Foundation
import Testing

@testable import FailoverControl

/// Whole screens, as a reader sees them.
@Suite struct WatchScreenTests {
    private let failedOver = WatchSamples.model(
        Samples.failedOver,
        explaining: Samples.explanation,
        events: [Samples.failover]
    )

    @Test func calmIsShort() {
        #expect(
            WatchSamples.text(WatchSamples.model(Samples.preferred), 80, 8) == """
                failoverd 0.1.0 at us-east-a, generation 7                              13:04:31
                    ENDPOINT VERDICT   P99, 15 MIN     P50/P99          ERRORS EVIDENCE
                > chat: us-east  preferred for 90 s: first in order
                  * us-east  healthy   ▁▂▂▃▄▄▆▆██  ▂▁▁ 0.91/2.38 of 3 s 0.0 %  ██░░░░░░  1.7/7.0
                    eu-west  healthy   ▁▂▁▂▂▁▂▃▄▄▂▂▁▂▁ 0.91/2.38 of 3 s 0.0 %  ██░░░░░░  1.7/7.0


                Enter explain  p pin  d drain  f freeze  b failback  s sort  ? help  q quit
                """
        )
    }

    @Test func eightyColumnsHoldAFailover() {
        #expect(
            WatchSamples.text(failedOver) == """
                failoverd 0.1.0 at us-east-a, generation 7                              13:04:31
                    ENDPOINT     VERDICT   10 MIN     P50/P99           ERRORS EVIDENCE
                > chat: eu-west  failed over for 12 min: availability, "outage" evidence 7.20 >…
                    us-east      unhealthy ▄▆▆██  ▂▁▁ 0.94/>15.0 of 3 s 32 %   ████████  7.2/7.0
                      may come back in 0:20 if it stays good
                      availability, "outage" evidence 7.20 >= 6.56
                  * eu-west      healthy   ▁▂▃▄▄▂▂▁▂▁ 0.91/2.38 of 3 s  0.0 %  ██░░░░░░  1.7/7.0
                    ap-southeast unknown   ▁▂▃▄▄▂▂▁▂▁ - of 3 s          0.0 %  ░░░░░░░░  0.0/7.0
                      3 samples of 10 needed












                ── last events ─────────────────────────────────────────────────────────────────
                12:52:16  failover       chat: us-east -> eu-west: availability, "outage" evide…
                Enter explain  p pin  d drain  f freeze  b failback  s sort  ? help  q quit
                """
        )
    }

    @Test func wideScreensShowMore() {
        #expect(
            WatchSamples.text(failedOver, 120, 16) == """
                failoverd 0.1.0 at us-east-a, generation 7                                                                      13:04:31
                    ENDPOINT      VERDICT    P99, 35 MIN                          P50/P99            ERRORS       EVIDENCE
                > chat: eu-west  failed over for 12 min: availability, "outage" evidence 7.20 >= 6.56
                    us-east       unhealthy                      ▁▂▂▃▄▄▆▆██  ▂▁▁  0.94/>15.0 of 3 s  32 % of 60   ████████████   7.2/7.0
                      may come back in 0:20 if it stays good
                      availability, "outage" evidence 7.20 >= 6.56
                  * eu-west       healthy                        ▁▂▁▂▂▁▂▃▄▄▂▂▁▂▁  0.91/2.38 of 3 s   0.0 % of 60  ██▉░░░░░░░░░   1.7/7.0
                    ap-southeast  unknown                        ▁▂▁▂▂▁▂▃▄▄▂▂▁▂▁  - of 3 s           0.0 % of 3   ░░░░░░░░░░░░   0.0/7.0
                      3 samples of 10 needed




                ── last events ─────────────────────────────────────────────────────────────────────────────────────────────────────────
                12:52:16  failover       chat: us-east -> eu-west: availability, "outage" evidence 7.20 >= 6.56 (generation 7)
                Enter explain  p pin  d drain  f freeze  b failback  s sort  ? help  q quit
                """
        )
    }

    @Test func narrowScreensShowTheVerdicts() {
        #expect(
            WatchSamples.text(failedOver, 40, 12) == """
                failoverd 0.1.0 at us-east-a, generatio…
                    ENDPOINT     VERDICT   EVIDENCE
                > chat: eu-west  failed over for 12 min…
                    us-east      unhealthy ████████
                      may come back in 0:20 if it stays…
                      availability, "outage" evidence 7…
                  * eu-west      healthy   ██░░░░░░
                    ap-southeast unknown   ░░░░░░░░
                      3 samples of 10 needed


                ? help  q quit
                """
        )
    }

    @Test func asciiDrawsTheSame() {
        #expect(
            WatchSamples.text(failedOver, glyphs: .ascii) == """
                failoverd 0.1.0 at us-east-a, generation 7                              13:04:31
                    ENDPOINT     VERDICT   10 MIN     P50/P99           ERRORS EVIDENCE
                > chat: eu-west  failed over for 12 min: availability, "outage" evidence 7.20 >~
                    us-east      unhealthy =!!##  .__ 0.94/>15.0 of 3 s 32 %   ########  7.2/7.0
                      may come back in 0:20 if it stays good
                      availability, "outage" evidence 7.20 >= 6.56
                  * eu-west      healthy   _.-==.._._ 0.91/2.38 of 3 s  0.0 %  ##......  1.7/7.0
                    ap-southeast unknown   _.-==.._._ - of 3 s          0.0 %  ........  0.0/7.0
                      3 samples of 10 needed












                -- last events -----------------------------------------------------------------
                12:52:16  failover       chat: us-east -> eu-west: availability, "outage" evide~
                Enter explain  p pin  d drain  f freeze  b failback  s sort  ? help  q quit
                """
        )
    }

    @Test func silenceIsSaidAndTheLastStateStays() {
        #expect(
            WatchSamples.text(failedOver, later: 40) == """
                failoverd 0.1.0 at us-east-a, generation 7                              13:05:11
                no answer since 13:04:31: the daemon has not answered yet
                the last state is 42 s old, not valid any more since 13:04:59
                    ENDPOINT     VERDICT   10 MIN     P50/P99           ERRORS EVIDENCE
                > chat: eu-west  failed over for 12 min: availability, "outage" evidence 7.20 >…
                    us-east      unhealthy ▄▆▆██  ▂▁▁ 0.94/>15.0 of 3 s 32 %   ████████  7.2/7.0
                      may come back in 0:20 if it stays good
                      availability, "outage" evidence 7.20 >= 6.56
                  * eu-west      healthy   ▁▂▃▄▄▂▂▁▂▁ 0.91/2.38 of 3 s  0.0 %  ██░░░░░░  1.7/7.0
                    ap-southeast unknown   ▁▂▃▄▄▂▂▁▂▁ - of 3 s          0.0 %  ░░░░░░░░  0.0/7.0
                      3 samples of 10 needed










                ── last events ─────────────────────────────────────────────────────────────────
                12:52:16  failover       chat: us-east -> eu-west: availability, "outage" evide…
                Enter explain  p pin  d drain  f freeze  b failback  s sort  ? help  q quit
                """
        )
    }

    @Test func anEndpointIsExplainedBeneathItsChart() {
        var model = failedOver
        _ = WatchSamples.press(.down, .enter, in: &model)
        #expect(
            WatchSamples.text(model, 80, 26) == """
                failoverd 0.1.0 at us-east-a, generation 7                              13:04:31
                us-east latency, p99 over 71 min: 0.94/>15.0 of 3 s
                                                                                        ███
                     3 s ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄▁███┄┄┄┄┄
                                                                                    ▄██████
                                                                                 ▄▅████████  ▅▄▄

                chat: eu-west, failed over since 12:52:16 (12 min ago)
                  availability, "outage" evidence 7.20 >= 6.56
                  limit  : 4 false failovers a year at 1 probe every 5 s => outage at 10^6.56:1

                us-east UNHEALTHY: recovering
                  availability: "outage" evidence 5.50 of 6.56
                    (earlier probes, sum 6.46)
                  TIME      FINDING          HEALTHY  OUTAGE   ADDS      SUM
                  13:04:21  connect_refused     18 %    98 %  +0.74  -> 7.20  TRIP
                  13:04:26  ok                 0.1 %    98 %  -1.70  -> 5.50
                  back   : recovery evidence 2.1/2.0, proven; must stay so until 13:04:51, 20 s
                           more






                Esc back  up, down, PgUp, PgDn scroll  ? help
                """
        )
    }

    @Test func keysAreListedOnOnePage() {
        var model = failedOver
        _ = WatchSamples.press(.character("?"), in: &model)
        #expect(
            WatchSamples.text(model) == """
                failoverd 0.1.0 at us-east-a, generation 7                              13:04:31
                Keys
                  up, down, k, j  select a route or an endpoint; also PgUp, PgDn, Home, End
                  Enter           why it stands as it does; of an endpoint with a chart
                  s               the worst routes first, or all by name
                  p               pin the route to an endpoint, or lift that
                  d               drain the endpoint or its region, or lift that
                  f               freeze all automatic moves, or lift that
                  b               let the route return to its preferred endpoint now
                  Ctrl-U          in a question: forget what was typed
                  Ctrl-L          draw everything anew
                  q               leave; from another page back to the list, as Esc

                What is shown
                  * has the traffic; of a weighted route it is a share in percent. The bar is
                  the evidence against an endpoint, which trips when it is full. The small chart
                  is the 99th percentile: its lower half is within the objective, higher was too
                  slow, highest is more than twice as slow. It is the history's, by the minute;
                  without one it is gathered from now on.
                  Orders ask for a reason, say what will happen, and wait for y.



                Esc back
                """
        )
    }

    @Test func anOrderSaysWhatItWillDo() {
        var model = failedOver
        _ = WatchSamples.press(.character("p"), .enter, in: &model)
        WatchSamples.type("new kernel", in: &model)
        _ = WatchSamples.press(.enter, .enter, in: &model)
        #expect(
            WatchSamples.text(model) == """
                failoverd 0.1.0 at us-east-a, generation 7                              13:04:31
                    ENDPOINT     VERDICT   10 MIN     P50/P99           ERRORS EVIDENCE
                > chat: eu-west  failed over for 12 min: availability, "outage" evidence 7.20 >…
                    us-east      unhealthy ▄▆▆██  ▂▁▁ 0.94/>15.0 of 3 s 32 %   ████████  7.2/7.0
                      may come back in 0:20 if it stays good
                      availability, "outage" evidence 7.20 >= 6.56
                  * eu-west      healthy   ▁▂▃▄▄▂▂▁▂▁ 0.91/2.38 of 3 s  0.0 %  ██░░░░░░  1.7/7.0
                    ap-southeast unknown   ▁▂▃▄▄▂▂▁▂▁ - of 3 s          0.0 %  ░░░░░░░░  0.0/7.0
                      3 samples of 10 needed






                ── pin chat ────────────────────────────────────────────────────────────────────
                pin chat to us-east until 17:04:31 (4h)
                because: new kernel
                Traffic of chat moves from eu-west to us-east at once, and stays there until the
                pin ends, whatever happens to it.
                us-east is unhealthy: availability, "outage" evidence 7.20 >= 6.56
                as: failoverctl pin chat us-east --reason 'new kernel' --for 4h
                y does it, n or Esc leaves it
                Esc leaves this without doing anything
                """
        )
    }

    @Test func aFailbackIsCalmAgain() {
        var model = failedOver
        _ = model.handle(.state(.success(Samples.preferred), took: .zero), at: WatchSamples.clock(20))
        #expect(
            WatchSamples.text(model, 80, 8, later: 20) == """
                failoverd 0.1.0 at us-east-a, generation 7                              13:04:51
                    ENDPOINT VERDICT   P99, 15 MIN     P50/P99          ERRORS EVIDENCE
                > chat: us-east  preferred for 110 s: first in order
                  * us-east  healthy   ▁▂▂▃▄▄▆▆██  ▂▁▁ 0.91/2.38 of 3 s 0.0 %  ██░░░░░░  1.7/7.0
                    eu-west  healthy   ▁▂▁▂▂▁▂▃▄▄▂▂▁▂▁ 0.91/2.38 of 3 s 0.0 %  ██░░░░░░  1.7/7.0


                Enter explain  p pin  d drain  f freeze  b failback  s sort  ? help  q quit
                """
        )
    }

    @Test func anOperatorsWishesCountDown() {
        let model = WatchSamples.model(Samples.failedOver(with: WatchSamples.intents))
        #expect(
            WatchSamples.text(model, 100, 16) == """
                failoverd 0.1.0 at us-east-a, generation 7                                                  13:04:31
                frozen by alice until 2026-11-25 13:04:31 (3 d left): audit
                    ENDPOINT     VERDICT   P99, 30 MIN                    P50/P99           ERRORS EVIDENCE
                > chat: eu-west  failed over for 12 min: availability, "outage" evidence 7.20 >= 6.56
                    pinned to eu-west by alice until 14:16:34 (1:12:03 left): new kernel
                    us-east      unhealthy                ▁▂▂▃▄▄▆▆██  ▂▁▁ 0.94/>15.0 of 3 s 32 %   ████████  7.2/7.0
                      drained by alice until 13:05:01 (0:30 left): disk swap
                      availability, "outage" evidence 7.20 >= 6.56
                  * eu-west      healthy                  ▁▂▁▂▂▁▂▃▄▄▂▂▁▂▁ 0.91/2.38 of 3 s  0.0 %  ██░░░░░░  1.7/7.0
                    ap-southeast unknown                  ▁▂▁▂▂▁▂▃▄▄▂▂▁▂▁ - of 3 s          0.0 %  ░░░░░░░░  0.0/7.0
                      3 samples of 10 needed




                Enter explain  p pin  d drain  f freeze  b failback  s sort  ? help  q quit
                """
        )
    }
}
