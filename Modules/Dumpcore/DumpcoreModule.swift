import Tender

public final class DumpcoreModule: Module {
    public init() {}

    public func observe(_ observation: inout Observation) throws(ModuleError) {}
}
