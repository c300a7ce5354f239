import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The page in a real Chromium, before the real daemon; what it has to hold is in scripts/page/checks.py.
    @Suite struct PageTests {
        private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
            .standardized.path
        private static var environment: [String: String] {
            ProcessInfo.processInfo.environment.filter { ["PATH", "LANG", "HOME"].contains($0.key) }
                .merging(["FAILOVERD_BIN": URL(filePath: Built.failoverd).deletingLastPathComponent().path]) { $1 }
        }

        @Test(
            .timeLimit(.minutes(5)),
            arguments: [
                "FailoverOnThePage.test_a_failover_is_seen_live_in_words",
                "WhenTheDaemonIsGone.test_it_says_so_and_heals_by_itself",
                "WhenTheDaemonIsGone.test_a_restart_brings_it_back_with_what_was_missed",
                "WhatPeopleAreTold.test_what_others_report_and_what_was_ordered_is_told",
                "WhatPeopleAreTold.test_sentences",
                "ManyEndpoints.test_a_hundred_endpoints_and_all_kinds_of_routes_are_shown",
            ]
        )
        func thePageHoldsWhatItPromises(check: String) throws {
            let output = try run(
                Self.root + "/.build/page/bin/python",
                [Self.root + "/scripts/page/checks.py", check],
                environment: Self.environment
            )
            #expect(output.status == 0, "\(output.standardError.suffix(6000))")
        }
    }
}
