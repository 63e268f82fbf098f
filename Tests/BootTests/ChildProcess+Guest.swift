import Foundation
import TestSupport

extension ChildProcess {
    /// What is behind each open descriptor, as the kernel describes it.
    var descriptors: [Int32: String] {
        let directory = "/proc/\(id)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        var descriptors: [Int32: String] = [:]
        for name in names {
            guard let number = Int32(name) else { continue }
            descriptors[number] = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "\(directory)/\(name)")
        }
        return descriptors
    }

    /// Waits until this, a tender, has made its machine: devices are attached by then.
    func waitForVCPU() throws {
        // If it never comes to that, it ends, and has no descriptors.
        while !descriptors.isEmpty, !descriptors.values.contains(where: { $0.contains("kvm-vcpu") })
        {
            usleep(1000)
        }
    }

    /// The lines of /proc/ID/status.
    ///
    /// - Parameter thread: of which thread; nil for the first.
    func status(ofThread thread: String? = nil) -> [String: String] {
        let path = thread.map { "/proc/\(id)/task/\($0)/status" } ?? "/proc/\(id)/status"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            values[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        return values
    }
}
