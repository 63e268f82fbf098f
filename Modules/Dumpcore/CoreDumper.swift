import Architecture
import CLinux
import Hypervisor
import Linux
import Tender

/// Writes a core file when the guest aborts or faults, or on SIGUSR1.
final class CoreDumper: Observer {
    let directory: FileDescriptor
    /// The descriptor that core files are written through. It is opened before the first one, so
    /// that the sandbox can pin its number.
    let file: FileDescriptor
    /// Reserves the descriptor number that creating a file takes temporarily.
    private(set) var spare: FileDescriptor
    /// The directory for the file, as given on the command line.
    private let path: String
    private let program: String
    private let dumpsFaults: Bool
    private let process = getpid()
    private var subject: Subject?
    private var request: DumpRequest?

    /// - Parameter dumpsFaults: whether to dump on faults too, not only if the guest says it
    ///   aborted.
    /// - Parameter rights: the file rights of the process once the guest runs.
    /// - Throws: if the directory can't be opened, or no file can be created in it with these
    ///   rights.
    init(
        directory path: String, program: String, dumpsFaults: Bool, rights: FileRights
    ) throws(Errno) {
        self.path = path
        self.program = program
        self.dumpsFaults = dumpsFaults
        directory = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
        file = try FileDescriptor.duplicate(directory.number)
        spare = try FileDescriptor.duplicate(directory.number)
        // Fails now if creating the file would fail later.
        try rights.perform { () throws(Errno) in
            try directory.makeUnnamedFile(replacing: file)
        }
    }

    var canNameFiles: Bool { file.canBeNamed(in: directory) }

    func prepare(_ subject: Subject) throws(ModuleError) {
        try checkSize(of: subject)
        self.subject = subject
        spare = .closed()
        let request = DumpRequest(subject.threads)
        request.answerSignal()
        self.request = request
    }

    /// Checks that a file can be as large as guest memory: a limit (RLIMIT_FSIZE) or the file
    /// system may forbid it.
    private func checkSize(of subject: Subject) throws(ModuleError) {
        do throws(Errno) {
            let header = CoreFile.mostHeader(of: subject.vcpus.count)
            try file.resize(to: header + Int(subject.memory.count))
            try file.resize(to: 0)
        } catch {
            throw ModuleError(
                "Cannot write core files of \(subject.memory.count >> 20) MiB to \(path): \(error)",
                hint: error.code == EFBIG ? "`ulimit -f unlimited` allows files of any size" : nil)
        }
    }

    func stopped(cpu: Int, _ exit: Exit) -> Verdict {
        guard exit == .interrupted, let request else { return .pass }
        request.serve(cpu: cpu) { number in
            dump(cpu: 0, suffix: ".\(number)")
        }
        return .pass
    }

    // MARK: The end

    func ended(_ end: GuestEnd) {
        switch end {
        case .halt(let halt):
            // HVT_EXIT_ABORT (hvt.h): the guest trapped or aborted.
            if halt.exitStatus & 0xFF == 255 { dump(cpu: 0, halt) }
        case .fault(let cpu):
            if dumpsFaults { dump(cpu: cpu) }
        case .stopped: break
        }
    }

    /// Writes a core file. A failure is reported and does not affect the guest.
    ///
    /// - Parameter cpu: the vCPU that comes first in the file.
    private func dump(cpu: Int, _ halt: Halt? = nil, suffix: String = "") {
        guard let subject else { return }
        // The reference's name for it, under every persona: scripts look for it.
        let name = "core.solo5-hvt.\(process)\(suffix)"
        guard !subject.vcpus.isEmpty else {
            say("no core file: this kernel does not tell the registers within the sandbox")
            return
        }
        say("dumping the guest to \(path)/\(name)")
        do throws(ModuleError) {
            let states = try states(of: subject, cpu, halt)
            let core = CoreFile(subject.memory, states)
            try Self.attempt { () throws(Errno) in try directory.makeUnnamedFile(replacing: file) }
            let count = try write(core, subject.memory)
            try Self.attempt { () throws(Errno) in try file.link(as: name, in: directory) }
            say("dumped \(count) of \(core.pageCount) pages, the others are all zeros")
        } catch {
            say("no core file: \(error.text)")
        }
    }

    private func states(
        of subject: Subject, _ cpu: Int, _ halt: Halt?
    ) throws(ModuleError) -> [Registers] {
        var states: [Registers] = []
        for vcpu in subject.vcpus {
            states.append(
                try Self.attempt { () throws(HypervisorError) in try vcpu.state() })
        }
        if let halt, let trap = TrapFrame(halt, subject.memory) { trap.apply(to: &states[0]) }
        // Debuggers select the first thread.
        if states.indices.contains(cpu) { states.swapAt(0, cpu) }
        return states
    }

    /// - Returns: the number of pages written.
    private func write(_ core: CoreFile, _ memory: GuestMemory) throws(ModuleError) -> UInt64 {
        try Self.attempt { () throws(Errno) in
            try file.write(core.header, at: 0)
            // Extends the file to its full length, since zero pages at the end are not written.
            // Before the pages: the last one may have data.
            try file.write([0], at: core.header.count + Int(memory.count) - 1)
            return try memory.writePages(to: file.number, at: core.header.count)
        }
    }

    private static func attempt<Value, Cause: Error & CustomStringConvertible>(
        _ body: () throws(Cause) -> Value
    ) throws(ModuleError) -> Value {
        try wrapping({ ModuleError($0.description) }, body)
    }

    private func say(_ line: String) {
        Output.write("\(program): dumpcore: \(line)\n", to: STDERR_FILENO)
    }
}
