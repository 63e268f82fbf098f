@testable import BootSupport

/// What Hermit guests see of the host's files.
extension BootCase {
    @Cases static var hermitFiles: [BootCase] {
        for flavour in ["v1-legacy", "v1-dyn", "v2", "v3", "entry2"] {
            let guest = "hermit/files-\(flavour)"
            BootCase(
                guest, ["all"], options: ["--file-mapping=dir:/root"],
                preparation: hermitDirectories, expecting: .success())
            elsewhere(guest)
            written(guest)
            leaving(guest)
            readOnly(guest)
        }
        mappings
    }

    /// Nothing is left of what the guest has made where nothing is mapped.
    @Cases private static func elsewhere(_ guest: String) -> [BootCase] {
        let output = ExpectedEnd.success(.exactly("case elsewhere\nSUCCESS\n"))
        BootCase(
            guest, ["elsewhere"], options: ["--temporary-directory=there"],
            preparation: ["mkdir there"], expecting: output
        ).with(\.afterwards, ["ls there"])
        BootCase(
            guest, ["elsewhere"], by: Invocation.uhyve,
            preparation: ["mkdir there", "export TMPDIR=there"], expecting: output
        ).with(\.afterwards, ["ls there"])
        BootCase(
            guest, ["elsewhere"], options: ["--tempdir", "there"], by: Invocation.uhyve,
            preparation: ["mkdir there", "export TMPDIR=missing"], expecting: output
        ).with(\.afterwards, ["ls there"])
        BootCase(guest, ["elsewhere", "temporary=no"], expecting: output)
    }

    @Cases private static func written(_ guest: String) -> [BootCase] {
        for (mapping, path, file) in [
            ("dir:/root", "new", "dir/new"), ("absent:/root/file", "file", "absent"),
            ("fixed/fixed:/root/file", "file", "fixed/fixed"),
        ] {
            BootCase(
                guest, ["put", "path=\(path)", "text=made"], options: ["--file-mapping=\(mapping)"],
                by: Invocation.hermit, preparation: hermitDirectories,
                expecting: .success(.exactly("case put\nSUCCESS\nmade"))
            ).with(\.afterwards, ["cat \(file)"])
        }
        BootCase(
            guest, ["remove", "path=inside"], options: ["--file-mapping=dir:/root"],
            preparation: hermitDirectories,
            expecting: .success(.exactly("case remove\nSUCCESS\nit is gone\n"))
        ).with(\.afterwards, ["[ -e dir/inside ] || echo it is gone"])
    }

    /// A link leads out of what is mapped.
    @Cases private static func leaving(_ guest: String) -> [BootCase] {
        for (arguments, call) in [
            (["put", "path=link-outside/made"], "fd:"),
            (["put", "path=link-outside/precious"], "fd:"),
            (["remove", "path=link-outside/precious"], "unlink"),
            (["cat", "path=link-outside/precious"], "open"),
        ] {
            BootCase(
                guest, arguments, options: ["--file-mapping=dir:/root"],
                preparation: hermitDirectories,
                expecting: ExpectedEnd(
                    status: 1,
                    output: .exactly(
                        "case \(arguments[0])\nFAILURE: \(call) result=-18\nprecious\noutside\n"))
            ).with(\.afterwards, ["ls outside; cat outside/precious"])
        }
    }

    @Cases private static func readOnly(_ guest: String) -> [BootCase] {
        BootCase(
            guest, ["read-only"], options: ["--file-mapping=fixed:/root:ro"],
            preparation: hermitDirectories,
            expecting: .success(.exactly("case read-only\nSUCCESS\n")))
        for (mapping, path) in [("fixed:/root:ro", "fixed"), ("fixed/fixed:/root/file:ro", "file")]
        {
            BootCase(
                guest, ["cat", "path=\(path)"], options: ["--file-mapping=\(mapping)"],
                preparation: hermitDirectories,
                expecting: .success(.exactly("case cat\nfixed\nSUCCESS\n")))
            for (arguments, call) in [(["put"], "fd:"), (["remove"], "unlink")] {
                BootCase(
                    guest, arguments + ["path=\(path)"], options: ["--file-mapping=\(mapping)"],
                    preparation: hermitDirectories,
                    expecting: ExpectedEnd(
                        status: 1,
                        output: .exactly(
                            "case \(arguments[0])\nFAILURE: \(call) result=-30\nfixed\n"))
                ).with(\.afterwards, ["cat fixed/fixed"])
            }
        }
    }

    @Cases private static var mappings: [BootCase] {
        for (mapping, why) in [
            ("x", "option --file-mapping=x: not HOST:GUEST or HOST:GUEST:ro"),
            ("x:", "no path in the guest after the colon"),
            (":/x", "no file or directory of the host before the colon"), ("x:/y:rw", "only 'ro'"),
            ("x:/y:z:ro", "neither path can contain a colon"),
            ("missing:/root:ro", "what is mapped read-only must exist"),
            ("missing/file:/root", "its directory must exist"),
            ("/dev/null:/root", "neither a directory nor a regular file"),
            ("dir/fifo:/root", "neither a directory nor a regular file"),
            ("dir/link-loop:/root", "Too many levels of symbolic links"),
        ] {
            BootCase(
                "hermit/hello-v3", options: ["--file-mapping=\(mapping)"], by: Invocation.hermit,
                preparation: hermitDirectories,
                expecting: .refusal(.lineWith(why)))
        }
        for (second, why) in [
            ("/root", "is mapped already"), ("/root/x", "one is below the other"),
        ] {
            BootCase(
                "hermit/hello-v3",
                options: ["--file-mapping=dir:/root", "--file-mapping=fixed:\(second)"],
                preparation: hermitDirectories, expecting: .refusal(.lineWith(why)))
        }
        BootCase(
            "hermit/files-v3", ["cat", "path=fixed", "dir=/other"],
            options: ["--file-mapping=dir:/root", "--file-mapping=fixed:/other"],
            preparation: hermitDirectories,
            expecting: .success(.exactly("case cat\nfixed\nSUCCESS\n")))
        // Single files at the root are there, and the root itself is not among the mount points.
        for guest in ["hermit/boot-v1-dyn", "hermit/boot-v3"] {
            BootCase(
                guest,
                options: [
                    "--file-mapping=fixed/fixed:/top", "--file-mapping=dir:/root",
                    "--file-mapping=fixed/fixed:other", "--file-mapping=fixed/fixed:/data/file",
                ], by: Invocation.hermit, preparation: hermitDirectories,
                expecting: .success(
                    .containing(["no bootargs\nmount /root\nmount /data\n", "SUCCESS\n"])))
            for mapping in ["dir:/", "fixed/fixed:/", "dir:/x/.."] {
                BootCase(
                    guest, options: ["--file-mapping=\(mapping)"], by: Invocation.hermit,
                    preparation: hermitDirectories,
                    expecting: .refusal(
                        .lineWith(
                            "option --file-mapping=\(mapping): nothing can be mapped to /")))
            }
        }
        BootCase(
            "hermit/files-v3", ["cat", "path=top", "dir=/"],
            options: ["--file-mapping=dir:/root", "--file-mapping=fixed/fixed:/top"],
            preparation: hermitDirectories,
            expecting: .success(.exactly("case cat\nfixed\nSUCCESS\n")))
        BootCase(
            "hermit/hello-v3", options: ["--temporary-directory=missing"],
            expecting: .refusal(.lineWith("missing: No such file or directory")))
    }
}
