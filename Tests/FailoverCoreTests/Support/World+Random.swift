@testable import FailoverCore

extension World {
    /// A world that has lived through changes at random, each after up to half a minute.
    static func live(
        seed: UInt64,
        changes: Int,
        configuration: (inout SplitMix64) -> Configuration,
        change: (inout World, inout SplitMix64) -> Void
    ) -> World {
        var random = SplitMix64(seed: seed)
        var world = World(configuration(&random))
        for _ in 0..<changes {
            world.run(for: .milliseconds(Int.random(in: 10...30_000, using: &random)))
            change(&world, &random)
        }
        return world
    }
}
