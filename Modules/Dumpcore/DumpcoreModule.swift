import CLinux
import Linux
import Manifests
import Rules
import Tender

/// Writes an ELF core file when a guest fails, or on request.
public final class DumpcoreModule: Module {
    public static var manifest: ModuleManifest { DumpcoreManifest.manifest }

    public init() {}

    public func observe(_ observation: inout Observation) throws(ModuleError) {
        // The last one counts.
        guard let option = observation.options(named: DumpcoreManifest.option.name).last else {
            return
        }
        let rights = observation.fileRights
        let dumper: CoreDumper
        do throws(Errno) {
            dumper = try CoreDumper(
                directory: option.value, program: observation.program,
                dumpsFaults: !observation.standsIn, rights: rights)
        } catch {
            throw ModuleError(
                "Cannot write core files to \(option.value): \(error)", option: option,
                hint: Self.hint(error, rights))
        }
        guard dumper.canNameFiles else {
            throw ModuleError(
                "Cannot write core files to \(option.value): they get their names through /proc, "
                    + "which is not mounted here", option: option)
        }
        observation.bindings.bind(DumpcoreManifest.directory, to: dumper.directory.number)
        observation.bindings.bind(DumpcoreManifest.file, to: dumper.file.number)
        observation.bindings.bind(DumpcoreManifest.spare, to: dumper.spare.number)
        observation.paths.append(
            Confinement.Path(descriptor: dumper.directory.number, access: .creation))
        // As large as guest memory, whose size is not known yet.
        observation.largestFile = .max
        observation.add(dumper)
    }

    private static func hint(_ cause: Errno, _ rights: FileRights) -> String? {
        switch cause.code {
        case EACCES, EPERM:
            if let user = rights.user {
                "user \(user), as whom the guest runs, must be able to make files there"
            } else if geteuid() == 0 {
                "while a guest runs, root has no rights but those of the files' owner; "
                    + "--user=UID names another"
            } else {
                nil
            }
        case EOPNOTSUPP, EISDIR: "this file system knows no files without a name (O_TMPFILE)"
        default: nil
        }
    }
}
