import TestSupport
import Testing

@testable import BootSupport

#if arch(x86_64)
    /// What a tender can still do once its guest runs, and someone has taken it over.
    @Suite("Taken-over tenders", .boots) struct TakeoverTests {
        @Test(
            "attack 25: a tender that was taken over", arguments: Flavour.built, Takeover.solo5)
        func escape(flavour: Flavour, takeover: Takeover) throws {
            #expect(try takeover.objections(flavour) == [])
        }

        @Test(
            "attack 25: a tender with a debugger that was taken over",
            arguments: Flavour.debugBuilt, Takeover.observed)
        func escapeWhileObserved(flavour: Flavour, takeover: Takeover) throws {
            #expect(try takeover.objections(flavour) == [])
        }

        @Test(
            "attack 25: Hermit: a tender that was taken over", arguments: Flavour.built,
            Takeover.hermit)
        func hermitEscape(flavour: Flavour, takeover: Takeover) throws {
            #expect(try takeover.objections(flavour) == [])
        }

        @Test(
            "What a launch needs can be done", arguments: Flavour.built, Takeover.control)
        func control(flavour: Flavour, takeover: Takeover) throws {
            #expect(try takeover.objections(flavour) == [])
        }
    }
#endif
