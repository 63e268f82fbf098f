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
        try eventually("a vCPU") {
            let descriptors = descriptors
            return descriptors.isEmpty || descriptors.values.contains { $0.contains("kvm-vcpu") }
        }
    }

    /// Waits until this, a tender, has its filter.
    func waitForFilter() throws {
        try waitForVCPU()
        try eventually("a filter: \(status())") { status()["Seccomp"] == "2" }
    }

    /// Waits until the first threads wait in the system calls with these numbers.
    func waitForSystemCalls(_ numbers: [Int]) throws {
        try eventually("\(numbers): \(status())") {
            let current = threads.map { thread in
                // "running", or the number and the arguments.
                let path = "/proc/\(id)/task/\(thread)/syscall"
                let text = try? String(contentsOfFile: path, encoding: .utf8)
                return text?.split(separator: " ").first.flatMap { Int($0) } ?? -1
            }
            return current.starts(with: numbers)
        }
    }

    /// In the order of their making. Numbers grow, and when there are no more begin anew.
    var threads: [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task")
        let numbers = (names ?? []).compactMap { pid_t($0) }.sorted()
        return (numbers.filter { $0 >= id } + numbers.filter { $0 < id }).map { "\($0)" }
    }

    /// The lines of the status of a thread, or of the process.
    func status(ofThread thread: String? = nil) -> [String: String] {
        let path = "/proc/\(id)\(thread.map { "/task/\($0)" } ?? "")/status"
        var values: [String: String] = [:]
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            values[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        return values
    }
}
