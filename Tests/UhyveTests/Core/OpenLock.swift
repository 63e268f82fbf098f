import Tender

extension LaunchLock {
    /// For what is not run.
    static let open = LaunchLock(confine: { _ in }, close: { _ in })
}
