import Tender

public final class TraceModule: Module {
    public init() {}

    public func observe(_ observation: inout Observation) throws(ModuleError) {}
}
