import Architecture
import CLinux
import Hypervisor
import Linux
import Tender

/// Writes a core file when the guest aborts or fails, or when a signal asks for one.
final class CoreDumper: Observer {
    let directory: FileDescriptor
    /// What a core file is written by. It is open before there is one, so that a sandbox can be told
    /// its number.
    let file: FileDescriptor
    /// Keeps a number free, which making a file takes for a moment.
    private(set) var spare: FileDescriptor
    /// Where the file goes: the directory as it was given.
    private let path: String
    private let program: String
    private let dumpsFaults: Bool
    private let process = getpid()
    private var subject: Subject?
    private var request: DumpRequest?

    /// - Parameter dumpsFaults: whether the guest's own word that it failed is not needed.
    /// - Parameter rights: those that there will be when a core file is made.
    /// - Throws: if the directory can't be opened, or no file can be made in it with these rights.
    init(
        directory path: String, program: String, dumpsFaults: Bool, rights: FileRights
    ) throws(Errno) {
        self.path = path
        self.program = program
        self.dumpsFaults = dumpsFaults
        directory = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
        file = try FileDescriptor.duplicate(directory.number)
        spare = try FileDescriptor.duplicate(directory.number)
        // Says now what would keep us from it later.
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

    /// Whether a file may be as large as the guest's memory: not if a limit (ulimit -f) or the file
    /// system says otherwise.
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
            // What a guest ends with that traps or gives up (hvt.h: HVT_EXIT_ABORT).
            if halt.exitStatus & 0xFF == 255 { dump(cpu: 0, halt) }
        case .fault(let cpu):
            if dumpsFaults { dump(cpu: cpu) }
        case .stopped: break
        }
    }

    /// Failing to write a core changes nothing for the guest.
    ///
    /// - Parameter cpu: the one that it is about.
    private func dump(cpu: Int, _ halt: Halt? = nil, suffix: String = "") {
        guard let subject else { return }
        // The name that scripts know from the reference, whoever is asked.
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
        // Debuggers begin with the first.
        if states.indices.contains(cpu) { states.swapAt(0, cpu) }
        return states
    }

    /// - Returns: how many pages were written.
    private func write(_ core: CoreFile, _ memory: GuestMemory) throws(ModuleError) -> UInt64 {
        try Self.attempt { () throws(Errno) in
            try file.write(core.header, at: 0)
            // Gives the file its length: pages of zeros at the end are not written. First, since the
            // last page may not be one.
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
