import Testing

@testable import BootSupport

/// Says which flavours the other tests could not be run with.
@Suite("Flavours") struct FlavourTests {
    @Test("The regular flavour is there", .needs(Flavour.regular.lack))
    func regular() {}

    @Test("The release flavour is there", .needs(Flavour.release.lack))
    func release() {}
}

/// Says which flavours the tests of modules that look into guests could not be run with.
@Suite("Flavours with the modules that look into guests") struct DebugFlavourTests {
    @Test("The regular flavour is there", .needs(Flavour.regular.debugLack))
    func regular() {}

    @Test("The release flavour is there", .needs(Flavour.release.debugLack))
    func release() {}
}
