import Tender

extension LaunchLock {
    /// For what is not run.
    static var open: LaunchLock {
        LaunchLock(closeInherited: { _, _ in }, confine: { _ in }, close: { _ in })
    }
}
