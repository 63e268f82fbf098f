import CEmulation
import CLinux
import EmulatedMSHV
import Linux

/// `with-mshv PROGRAM ARGUMENT...` becomes the program, with an emulated /dev/mshv and, if
/// PINNACE_MSHV_ONLY is set, no /dev/kvm. If PINNACE_MSHV_PROGRAM names one, all words are its arguments,
/// its name included, so that this one can stand in its place.
///
/// The program is any that is there, such as the release binary: it need not know. PINNACE_MSHV_FAULTS
/// says what is to go wrong (see `Faults`). What the program does wrong is told on its standard error, and
/// ends it with SIGKILL.
@main struct WithMSHV {
    static func main() {
        let named = setting("PINNACE_MSHV_PROGRAM")
        let arguments = CommandLine.arguments.dropFirst(named == nil ? 1 : 0)
        guard let program = named ?? arguments.first else {
            end("usage: with-mshv PROGRAM ARGUMENT...")
        }
        guard let faults = Faults(setting("PINNACE_MSHV_FAULTS") ?? "") else {
            end("PINNACE_MSHV_FAULTS is not understood")
        }
        do throws(Errno) {
            try supervise(faults)
        } catch {
            end("no supervisor: \(error)")
        }
        // As it was, but for the file that the supervisor removes.
        var words = arguments.map { strdup($0) } + [nil]
        execvp(program, &words)
        end("\(program): \(Errno.current)")
    }

    /// Starts a process that serves what this one will be.
    private static func supervise(_ faults: Faults) throws(Errno) {
        let mailbox = try Mailbox()
        // Yama lets none but parents trace, otherwise.
        _ = emulation_call(Int(SYS_prctl), UInt(PR_SET_PTRACER), UInt(bitPattern: -1), 0, 0, 0, 0)
        var ready: [Int32] = [-1, -1]
        guard pipe(&ready) == 0 else { throw Errno.current }
        let program = getpid()
        switch emulation_fork() {
        case -1: throw Errno.current
        case 0:
            // A child that the program would not expect is none of its own.
            if emulation_fork() != 0 { _exit(0) }
            close(ready[0])
            Supervisor.detach()
            do throws(Errno) {
                try Supervisor(of: program, mailbox, faults) { _ = write(ready[1], "+", 1) }
                    .serve()
            } catch {
                say("the supervisor has failed: \(error)")
                kill(program, SIGKILL)
            }
            _exit(0)
        case let child: waitpid(child, nil, 0)
        }
        close(ready[1])
        var byte: UInt8 = 0
        guard read(ready[0], &byte, 1) == 1 else { throw Errno(ECHILD) }
        close(ready[0])
    }

    private static func end(_ text: String) -> Never {
        say(text)
        exit(125)
    }
}

/// A variable of the environment that is set, and not empty.
func setting(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}

func say(_ text: String) {
    let line = Array("with-mshv: \(text)\n".utf8)
    _ = write(2, line, line.count)
}
