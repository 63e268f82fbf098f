import Tender

public final class GdbModule: Module {
    public init() {}

    public func observe(_ observation: inout Observation) throws(ModuleError) {}
}
