/// The figures that the first evidence rule was designed on, as they were written down, to be measured again.
///
/// They come from another simulation in another language, with 400 runs of each fault and of each loss. Means are probes; after a slash the 95th
/// percentile; in parentheses the share of runs that found the fault before the horizon. "-" is less than half of them.
enum DesignFigures {
    /// Runs of each of their cells.
    static let runs = 400
    /// Runs of each hour of flapping: not written down, but 1.01 switches take a hundred.
    static let flapRuns = 100

    struct Row: Sendable {
        let contestant: String
        /// A million, and on how many healthy probes; `nil` where another table has it.
        let falseRate: (text: String, probes: Int)?
        /// In the order of the table's columns; `nil` for none.
        let cells: [String?]

        init(_ contestant: String, _ rate: String?, of probes: Int = 24_600_000, _ cells: [String?]) {
            self.contestant = contestant
            falseRate = rate.map { ($0, probes) }
            self.cells = cells
        }
    }

    struct Table: Sendable {
        let name: String
        /// Names of faults or patterns.
        let columns: [String]
        let rows: [Row]
    }

    private static let columns = [
        "hard", "err 50", "err 30", "err 10", "err 5", "slow 100", "slow 50", "slow 20", "slow 5", "drift 5",
        "bursts 30",
    ]

    static let defaults = Table(
        name: "defaults",
        columns: columns,
        rows: [
            Row(
                "haproxy 3/2",
                "130",
                [
                    "3", "13/33", "46/120", "773/2000", "- (45 %)", "3", "13/38", "150/414", "1932/3000 (62 %)",
                    "215/679",
                    "18/52",
                ]
            ),
            Row(
                "envoy 5",
                "12.8",
                of: 9_600_000,
                [
                    "5", "59/170", "434/1000 (87 %)", "- (7 %)", "- (1 %)", "5", "59/167", "- (46 %)", "- (4 %)",
                    "972/2718",
                    nil,
                ]
            ),
            Row(
                "gdnsd 10/10/20",
                "0.20",
                [
                    "10", "20/28", "37/72", "963/2000 (82 %)", "- (3 %)", "10", "20/27", "83/200", "- (5 %)",
                    "2143/3000 (53 %)", "55/153",
                ]
            ),
            Row(
                "r4j w10",
                "20.5",
                of: 9_600_000,
                [
                    "5", "11/22", "35/87", "1038/2000 (78 %)", "- (15 %)", "5", "12/23", "113/332", "- (26 %)",
                    "470/1372",
                    nil,
                ]
            ),
            Row(
                "r4j w100",
                "0",
                of: 9_600_000,
                [
                    "50", "121/222", "never", "never", "never", "50", "118/209", "never", "never", "never", nil,
                ]
            ),
            Row(
                "p99 60s",
                "3240",
                of: 9_600_000,
                [
                    "1", "2/5", "3/9", "10/29", "19/56", "1", "2/5", "5/12", "20/54", "34/107", nil,
                ]
            ),
            Row(
                "burn 14.4",
                "0.42",
                of: 9_600_000,
                [
                    "10", "20/29", "34/51", "104/161", "209/330", "101/104", "202/226", "507/581", "never", "never",
                    "36/65",
                ]
            ),
            Row(
                "first fast",
                "24.7",
                [
                    "3", "6/12", "11/22", "46/89", "106/214", "7", "16/23", "55/108", "489/887", "1202/3000", "13/35",
                ]
            ),
            Row(
                "first balanced",
                "5.5",
                [
                    "5", "9/14", "14/25", "51/100", "118/231", "8", "17/24", "60/115", "535/919", "1443/3000 (88 %)",
                    "20/48",
                ]
            ),
            Row(
                "first cautious",
                "0.37",
                [
                    "9", "12/18", "16/30", "56/111", "130/253", "13", "22/31", "71/133", "596/1044", "2158/3000 (65 %)",
                    "30/65",
                ]
            ),
        ]
    )

    /// Tuned to about five false failovers a million.
    static let atFive = Table(
        name: "tuned to 5",
        columns: columns,
        rows: [
            Row(
                "first balanced",
                nil,
                [
                    "5", "8.8", "13.9", "51", "118", "8", "16.6", "60", "535", "1443", "20.2",
                ]
            ),
            Row("consec 6/3", "4.4", ["6", "116", "-", "-", "-", "6", "116", "-", "-", "1702", "74"]),
            Row("7-of-10", "2.7", ["7", "31", "245", "-", "-", "7", "28", "1270", "-", "1616", "61"]),
            Row("7-of-40", "4.6", ["7", "13.9", "22.8", "160", "1256", "7", "13.7", "36", "1473", "473", "26"]),
            Row("gdnsd 7/10/20", "3.3", ["7", "14.1", "25", "307", "-", "7", "13.9", "48", "-", "950", "35"]),
            Row(
                "5/60e 10/60b",
                "6.4",
                [
                    "5", "9.9", "16.4", "54", "184", "9.8", "19.5", "50", "- (37 %)", "905", "18.6",
                ]
            ),
        ]
    )

    /// Tuned to about half a false failover a million.
    static let atHalf = Table(
        name: "tuned to 0.5",
        columns: ["hard", "err 50", "err 30", "err 10", "err 5", "slow 100", "slow 50", "slow 20"],
        rows: [
            Row("first cautious", nil, ["9", "11.6", "16.4", "56", "130", "13", "22", "71"]),
            Row("consec 8/3", "0.73", ["8", "405", "-", "-", "-", "8", "400", "-"]),
            Row("10-of-60", "0.41", ["10", "20", "32", "271", "-", "10", "19.5", "50"]),
            Row("gdnsd 8/10/20", "0.93", ["8", "16", "29", "455", "-", "8", "16", "57"]),
            Row("8/60e 10/60b", "0.89", ["8", "16", "26", "128", "1123", "10", "19.5", "50"]),
            Row("burn 14.4", nil, ["10", "20", "34", "104", "209", "101", "202", "507"]),
        ]
    )

    /// Chance of a failover at a blip; for the rest switches an hour, and the share of bad probes that hit users.
    static let flapping = Table(
        name: "flapping",
        columns: FlapPattern.allCases.map(\.rawValue),
        rows: [
            Row(
                "haproxy 3/2",
                nil,
                [
                    "6 %", "100 %", "238 (66 %)", "59 (17 %)", "11 (3 %)", "11.8 (3 %)", "24 (85 %)",
                ]
            ),
            Row("envoy 5", nil, ["0 %", "0 %", ".2 (100 %)", "60 (50 %)", "71 (40 %)", "72 (40 %)", "14 (94 %)"]),
            Row(
                "gdnsd 10/10/20",
                nil,
                [
                    "0 %", "0 %", "1 (2.5 %)", "1 (2.5 %)", "11 (15 %)", "11.8 (15 %)", "1.25 (2 %)",
                ]
            ),
            Row("r4j w10", nil, ["0 %", ".3 %", "26 (22 %)", "13 (18 %)", "11 (7 %)", "11.8 (7 %)", "21 (52 %)"]),
            Row(
                "burn 14.4",
                nil,
                [
                    "0 %", "0 %", "1 (2.6 %)", "1 (2.6 %)", "10 (2.6 %)", "11.1 (.6 %)", "1.0 (1.4 %)",
                ]
            ),
            Row("first fast", nil, ["2 %", "100 %", nil, nil, nil, nil, nil]),
            Row(
                "first balanced",
                nil,
                [
                    "0 %", "0 %", "1 (1.1 %)", "1 (1.1 %)", "9 (5.6 %)", "2.25 (1.4 %)", "1.01 (.6 %)",
                ]
            ),
        ]
    )

    /// Chance of a needless move in a loss of the observer's own.
    static let observer = Table(
        name: "observer",
        columns: ["100 %", "85 %", "50 %"],
        rows: [
            Row("haproxy 3/2", nil, ["3.2 %", "71 %", "58 %"]),
            Row("consec 8/3", nil, ["2 %", "43 %", "1.2 %"]),
            Row("gdnsd 10/10/20", nil, ["10 %", "62 %", "3.1 %"]),
            Row("r4j w10", nil, ["6 %", "87 %", "72 %"]),
            Row("burn 14.4", nil, ["45 %", "59 %", "13 %"]),
            Row("first balanced", nil, ["9 %", "64 %", "78 %"]),
        ]
    )

    /// The same where a bad probe counts only with a clean witness.
    static let witnessed = Table(
        name: "witnessed",
        columns: ["100 % w", "85 % w", "50 % w"],
        rows: [
            Row("first fast", nil, [".1 %", ".8 %", "9.3 %"]),
            Row("first balanced", nil, ["0 %", "0 %", "2.0-2.5 %"]),
        ]
    )
}
