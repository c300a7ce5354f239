import FailoverCore
package import FailoverWire

extension Calibration: JSONWritable {
    /// The same as the text, for machines.
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("not_checked", plain.map(\.rawValue))
            writer.field("routes", groups)
        }
    }
}

extension Calibration.Group: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("checks", checks)
            writer.field("false_failovers", checks.compactMap(\.budget).min() ?? parameters.falseFailoversPerYear)
            writer.field("preset", parameters.preset.rawValue)
            writer.field("routes", routes.map(\.rawValue))
        }
    }
}

extension Calibration.Check: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("after_bad", repeats)
            writer.field("bad", bad)
            writer.field("bins", bins.filter { $0.count > 0 })
            writer.field("blip_seconds", blip.inSeconds)
            writer.field("endpoints", endpoints.map(\.rawValue))
            writer.field("enough_data", repeats.count >= Calibration.leastRepeats)
            writer.field("hiccups", hiccups)
            writer.field("highest_evidence", highestEvidence.roundedForReaders)
            writer.field("indicator", indicator.rawValue)
            writer.field("likelier_blip_seconds", likelierBlip?.inSeconds)
            writer.field("likelier_blips_per_day", likelierBlipsPerDay)
            writer.field("observed_seconds", observed.inSeconds)
            writer.field("outages_left_out", outages)
            writer.field("probes", samples)
            writer.field("threshold", threshold.roundedForReaders)
            writer.field("vetoed_left_out", vetoed)
        }
    }
}

extension CalibrationBin: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.field("bad", bad)
            writer.field("from", from)
            writer.field("observed", observed?.roundedForReaders)
            writer.field("observed_high", interval?.high.roundedForReaders)
            writer.field("observed_low", interval?.low.roundedForReaders)
            writer.field("predicted", predicted?.roundedForReaders)
            writer.field("probes", count)
            writer.field("to", min(to, 1))
        }
    }
}
