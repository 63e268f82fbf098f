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
}
