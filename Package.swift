// swift-tools-version:6.2
import PackageDescription

/// Settings of every target: strict about existentials, imports and isolation, and no warning survives.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioLocks = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")

let package = Package(
    name: "failoverd",
    products: [
        .executable(name: "failoverd", targets: ["failoverd"]),
        .executable(name: "failoverctl", targets: ["failoverctl"]),
        .executable(name: "regionsim", targets: ["regionsim"]),
        .library(name: "FailoverReader", targets: ["FailoverReader"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The pure core: no clock, no task, no I/O.
        .target(
            name: "FailoverCore",
            dependencies: [.product(name: "RealModule", package: "swift-numerics")],
            swiftSettings: settings
        ),
        // A deterministic world around it, as pure as it is.
        .target(
            name: "FailoverSimulation",
            dependencies: ["FailoverCore", .product(name: "RealModule", package: "swift-numerics")],
            swiftSettings: settings
        ),
        // Thin adapters around it.
        .target(
            name: "FailoverConfig",
            dependencies: ["FailoverCore", "FailoverSimulation", "FailoverTemplates", yams],
            swiftSettings: settings
        ),
        // What other programs read, rendered from decisions: the language of templates, and nothing of files.
        .target(name: "FailoverTemplates", dependencies: ["FailoverCore", mustache], swiftSettings: settings),
        .target(name: "FailoverWire", dependencies: ["FailoverCore"], swiftSettings: settings),
        .target(
            name: "FailoverReplay",
            dependencies: ["FailoverCore", "FailoverConfig", "FailoverWire"],
            swiftSettings: settings
        ),
        .target(
            name: "FailoverProbes",
            dependencies: [
                "FailoverCore", "FailoverThreads", "CLinux", "CCares", nioCore, nioLocks, nioPosix, nioEmbedded, nioTLS,
                nioSSL, nioHTTP2, nioHPACK,
            ],
            swiftSettings: settings
        ),
        .target(name: "FailoverThreads", dependencies: ["CLinux"], swiftSettings: settings),
        .systemLibrary(name: "CLinux"),
        .target(name: "CCares", linkerSettings: [.linkedLibrary("cares")]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .target(name: "FailoverSystemd", dependencies: ["CSystemd"], swiftSettings: settings),
        .target(
            name: "FailoverPublish",
            dependencies: [
                "CLinux", "FailoverCore", "FailoverTemplates", "FailoverWire", "FailoverSystemd", "FailoverThreads",
                httpClient, nioCore, nioHTTP1, nioLocks, nioPosix,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "FailoverControl",
            dependencies: [
                "FailoverCore", "FailoverWire", nioCore, nioLocks, nioPosix, nioHTTP1, logging,
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            resources: [.embedInCode("Page/Files")],
            swiftSettings: settings
        ),
        // What people ask about the past. Disposable: nothing here is needed to decide.
        .target(
            name: "FailoverHistory",
            dependencies: ["FailoverCore", "FailoverWire", "FailoverThreads", grdb, histogram, nioLocks],
            swiftSettings: settings
        ),
        // For applications in Swift, and so without anything that they would have to build.
        .target(name: "FailoverReader", dependencies: ["CLinux", "FailoverThreads"], swiftSettings: settings),
        // The assembly and the commands.
        .target(
            name: "FailoverDaemon",
            dependencies: [
                "CLinux", "FailoverCore", "FailoverConfig", "FailoverWire", "FailoverProbes", "FailoverPublish",
                "FailoverControl", "FailoverHistory", "FailoverSystemd", "FailoverThreads", nioCore, nioLocks, nioPosix,
                logging,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "failoverd",
            dependencies: ["FailoverCommands", "FailoverDaemon", argumentParser],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "failoverbench",
            dependencies: [
                "FailoverCore", "FailoverHistory", "FailoverReader", "FailoverSimulation", "FailoverThreads",
                "FailoverWire",
            ],
            swiftSettings: settings
        ),
        .target(
            name: "FailoverCommands",
            dependencies: [
                "FailoverControl", "FailoverConfig", "FailoverCore", "FailoverHistory", "FailoverProbes",
                "FailoverReader", "FailoverReplay", "FailoverSimulation", "FailoverThreads", "FailoverWire", nioCore,
                nioLocks, nioPosix, argumentParser,
            ],
            swiftSettings: settings
        ),
        .executableTarget(name: "failoverctl", dependencies: ["FailoverCommands"], swiftSettings: settings),
        // Simulated regions for the demo and the tests.
        .target(
            name: "RegionSim",
            dependencies: [nioCore, nioLocks, nioPosix, nioHTTP1, yams],
            swiftSettings: settings
        ),
        .executableTarget(name: "regionsim", dependencies: ["RegionSim", argumentParser], swiftSettings: settings),
        // What tests of several rooms share: real servers, a real journal, temporary disks.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
        // Tests, one target a room.
        .testTarget(
            name: "FailoverCoreTests",
            dependencies: ["FailoverCore"],
            resources: [.copy("Fixtures")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FailoverConfigTests",
            dependencies: ["FailoverConfig", "FailoverCore", yams],
            resources: [.copy("Fixtures")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FailoverSimulationTests",
            dependencies: ["FailoverSimulation", "FailoverConfig", "FailoverCore"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FailoverWireTests",
            dependencies: ["FailoverWire", "FailoverCore"],
            resources: [.copy("Fixtures")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FailoverReplayTests",
            dependencies: ["FailoverReplay", "FailoverConfig", "FailoverWire", "FailoverCore"],
            resources: [.copy("Fixtures")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FailoverProbesTests",
            dependencies: [
                "TestSupport", "FailoverProbes", "FailoverCore", "RegionSim", nioLocks, nioCore, nioPosix, nioEmbedded,
                nioHTTP1, nioSSL, nioHPACK, nioHTTP2,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FailoverTemplatesTests",
            dependencies: ["FailoverTemplates", "FailoverConfig", "FailoverCore"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FailoverPublishTests",
            dependencies: [
                nioLocks, "TestSupport", "FailoverPublish", "FailoverTemplates", "FailoverSystemd", "FailoverWire",
                "FailoverCore",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FailoverControlTests",
            dependencies: [nioLocks, "FailoverControl", "FailoverWire", "FailoverCore", nioCore, nioPosix],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FailoverDaemonTests",
            dependencies: [
                nioLocks,
                "TestSupport", "FailoverDaemon", "FailoverProbes", "FailoverPublish", "FailoverSystemd", "FailoverWire",
                "FailoverCore",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FailoverReaderTests",
            dependencies: ["TestSupport", "FailoverReader", "FailoverWire", "FailoverCore"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FailoverHistoryTests",
            dependencies: [
                "TestSupport", "failoverbench", "FailoverHistory", "FailoverWire", "FailoverCore", grdb, histogram,
                nioLocks,
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "RegionSimTests", dependencies: [nioLocks, "RegionSim"], swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "TestSupport", "failoverd", "failoverctl", "regionsim", "FailoverReader", "FailoverConfig",
                "FailoverPublish", "FailoverWire", "FailoverCore",
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "RepositoryTests", swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
