@testable import BootSupport

/// Files that are no Hermit guests, or none that can run; the module's tests break every rule.
extension BootCase {
    @Cases static var hermitImages: [BootCase] {
        refusedImages
        archives
    }

    @Cases private static var refusedImages: [BootCase] {
        for (guest, why) in [
            ("bad-entry", "Hermit entry version 1 is not supported: pinnace knows 2, 3 and 4"),
            (
                "bad-interface",
                "uhyve interface version 9 is not supported: pinnace knows 1, 2 and 3"
            ),
            ("bad-relocation", "is of type 18, which is not supported"),
            ("bad-linkage", "is of type 7, which is not supported"),
            ("bad-needed", "it needs shared libraries (DT_NEEDED)"),
        ] {
            BootCase(
                "hermit/hello-\(guest)", by: Invocation.hermit, expecting: .refusal(.lineWith(why)))
            BootCase(
                "hermit/hello-\(guest)", by: Invocation.hermit,
                expecting: .refusal(.lineWith("/hermit/hello-\(guest): ")))
        }
        // Without notes it is nobody's guest.
        BootCase(
            "hermit/hello-bad-notes", expecting: .refusal(.lineWith("unsupported executable")))
        for guest in ["hermit/hello-bad-notes", "hello"] {
            BootCase(
                guest, by: Invocation.uhyve,
                expecting: .refusal(.lineWith("No Hermit entry note found: not a Hermit guest")))
        }
        BootCase(
            "hermit/hello-v3", by: Invocation.solo5,
            expecting: .refusal(.lineWith("hermit/hello-v3: ")))
        for machine in [#"\267"#, #"\363"#] {
            // Linked in whatever way, it is for another processor first of all.
            for guest in ["hermit/hello-v3", "hermit/hello-v1-fixed", "hello.hvt"] {
                BootCase(
                    "./other", by: [.native] + Invocation.uhyve,
                    preparation: [
                        #"cp "$GUESTS"/\#(guest) other"#,
                        #"printf '\#(machine)\0' | "#
                            + "dd of=other bs=1 seek=18 conv=notrunc status=none",
                    ],
                    expecting: .refusal(.lineWith("for another processor")))
            }
        }
        for (path, preparation, why) in [
            ("./missing", "", "Could not open: No such file or directory"),
            ("./fifo", "mkfifo fifo", "Could not open: not a regular file"),
            ("./directory", "mkdir directory", "Could not open: not a regular file"),
            ("./empty", ": >empty", "the file is too short"),
            (
                "./archive", #"printf '\037\213\010\0\0\0\0\0' >archive"#,
                "Could not read the compressed archive: the file is too short"
            ),
            ("./short", #"head -c 4096 "$GUESTS"/hermit/hello-v3 >short"#, "is too short"),
            (
                "./short", #"head -c 4096 "$GUESTS"/hermit/hello-v1-legacy >short"#,
                "is too short"
            ),
        ] {
            BootCase(
                path, by: Invocation.hermit, preparation: [preparation],
                expecting: .refusal(.lineWith(why)))
        }
    }

    /// A kernel and what it is to be told, in a gzip'd tar archive.
    @Cases private static var archives: [BootCase] {
        BootCase(
            "./image", by: Invocation.hermit,
            preparation: archive(
                more: #"[input]\napp_args = ["from", "an archive"]\n"#),
            expecting: .success(.containing(["arguments: from an archive\nSUCCESS\n"])))
        BootCase(
            "./image", ["cat", "path=fruit", "dir=/basket"], by: Invocation.hermit,
            preparation: archive(of: "files-v3", files: ["basket/fruit": "apple"]),
            expecting: .success(.exactly("case cat\napple\nSUCCESS\n")))
        for guest in ["boot-v1-dyn", "boot-v3"] {
            // Nothing is mounted at the root, where hermit.toml is.
            BootCase(
                "./image", by: Invocation.hermit,
                preparation: archive(of: guest, files: ["basket/fruit": "apple", "top": "x"]),
                expecting: .success(.containing(["no bootargs\nmount /basket\n", "SUCCESS\n"])))
            BootCase(
                "./image", by: Invocation.hermit, preparation: archive(of: guest),
                expecting: .success(.containing(["no bootargs\nno mounts\n", "SUCCESS\n"])))
        }
        BootCase(
            "./image", options: ["--hermit-image-mode=internal"], by: Invocation.hermit,
            preparation: archive(of: "boot-v3", files: ["basket/fruit": "apple"]),
            expecting: .success(
                .containing([
                    "no bootargs\nno mounts\narchive that begins with hermit.toml\n", "SUCCESS\n",
                ])))
        BootCase(
            "./image", options: ["--hermit-image-mode=internal"], by: Invocation.hermit,
            preparation: archive(of: "boot-v1-dyn"),
            expecting: .refusal(.lineWith("is not supported with uhyve interface version 1")))
        BootCase(
            "hermit/hello-v3", options: ["--hermit-image-mode=Internal"], by: Invocation.uhyve,
            expecting: .success(.containing(["SUCCESS\n"])))
        for (preparation, why) in [
            (archive(kernel: "missing"), "hermit.toml: the kernel 'missing' is not there"),
            (
                ["echo text >text", "tar -cf - text | gzip >image"],
                "an archive without hermit.toml"
            ),
        ] {
            BootCase(
                "./image", by: Invocation.hermit, preparation: preparation,
                expecting: .refusal(.lineWith(why)))
        }
    }
}
