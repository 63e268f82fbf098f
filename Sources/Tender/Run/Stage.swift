#if Stages
    import CLinux
    import Linux
#endif

/// The stages of a launch, for measuring. Without trait `Stages`, marking one does nothing.
public enum Stage: Int, CaseIterable, Sendable {
    case main
    case attached
    case machineCreated
    case imageLoaded
    case filterBegun
    case filterMade
    case filterInstalled
    case firstEntry
    case firstHypercall
    case guestHalted

    #if Stages
        /// The CLOCK_MONOTONIC time in nanoseconds of each stage's first mark; 0 for never.
        private nonisolated(unsafe) static var reached =
            InlineArray<10, UInt64>(repeating: 0)

        /// Records the time, unless the stage was reached before.
        public func mark() {
            // One thread launches and runs the guest.
            guard unsafe Self.reached[rawValue] == 0 else { return }
            var now = timespec()
            unsafe clock_gettime(CLOCK_MONOTONIC, &now)
            unsafe Self.reached[rawValue] = UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
        }

        /// Writes a line with all times to standard error.
        public static func report() {
            let times = allCases.map { unsafe "\($0.rawValue)=\(reached[$0.rawValue])" }
            Output.write("stages \(times.joined(separator: " "))\n", to: STDERR_FILENO)
        }
    #else
        @inline(__always)
        public func mark() {}

        @inline(__always)
        public static func report() {}
    #endif
}
