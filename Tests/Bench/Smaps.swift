import Foundation

/// What the kernel tells about a process's memory (proc_pid_smaps(5)).
enum Smaps {
    /// A mapping; its sizes are in kB.
    struct Mapping {
        let start: UInt64
        let end: UInt64
        /// Empty for memory of no file.
        let path: String
        private(set) var resident = 0
        private(set) var proportional = 0
        private(set) var privateClean = 0
        private(set) var privateDirty = 0
        private(set) var shared = 0

        fileprivate mutating func note(_ field: Substring, _ size: Int) {
            switch field {
            case "Rss:": resident += size
            case "Pss:": proportional += size
            case "Private_Clean:": privateClean += size
            case "Private_Dirty:": privateDirty += size
            case "Shared_Clean:", "Shared_Dirty:": shared += size
            default: break
            }
        }
    }

    /// In the order of their addresses.
    static func mappings(of process: pid_t) throws -> [Mapping] {
        let text = try kernelFile("/proc/\(process)/smaps")
        var mappings: [Mapping] = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            // START-END RIGHTS OFFSET DEVICE INODE [PATH], then lines of the form FIELD: SIZE kB
            let bounds = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            if bounds.count == 2 {
                let path = words.dropFirst(5).joined(separator: " ")
                mappings.append(Mapping(start: bounds[0], end: bounds[1], path: path))
            } else if words.count >= 2, let size = Int(words[1]), !mappings.isEmpty {
                mappings[mappings.count - 1].note(words[0], size)
            }
        }
        return mappings
    }

    /// The mappings that together are `size` bytes of guest memory.
    ///
    /// Rights split guest memory into several mappings that touch each other. Something else that
    /// touches them may have become part of the last or first; so it need not be exactly `size`.
    static func range(of size: UInt64, in mappings: [Mapping]) throws -> Range<Int> {
        var best: (range: Range<Int>, size: UInt64)?
        for first in mappings.indices {
            for last in first..<mappings.count {
                guard mappings[last].path == mappings[first].path,
                    last == first || mappings[last - 1].end == mappings[last].start
                else { break }
                let sum = mappings[last].end - mappings[first].start
                guard sum >= size else { continue }
                if sum < best?.size ?? .max { best = (first..<last + 1, sum) }
                break
            }
        }
        guard let best else { throw Failure(description: "no guest memory of \(size) bytes") }
        return best.range
    }
}
