/// Shell commands by which Hermit guests get what they need, before they start.
extension BootCase {
    /// What the guests need (Tests/Guests/hermit/README.md).
    static let hermitDirectories = [
        "mkdir -p dir/sub fixed outside",
        "echo inside >dir/inside; echo fixed >fixed/fixed; echo outside >outside/precious",
        "mkfifo dir/fifo",
        "ln -s inside dir/link-inside; ln -s /etc/passwd dir/link-absolute; ln -s .. dir/link-up",
        "ln -s / dir/link-root; ln -s /proc/self/fd/0 dir/link-magic; ln -s ../.. dir/sub/link-up",
        "ln -s link-loop dir/link-loop; ln -s ../outside dir/link-outside",
    ]

    /// Makes `image`: a guest of ours and what it is to be told, in a gzip'd tar archive.
    ///
    /// - Parameter files: what is in it besides: a line of text at each path.
    static func archive(
        of guest: String = "hello-v3", kernel: String = "kernel", more: String = "",
        files: [String: String] = [:]
    ) -> [String] {
        let paths = Shell.quoted(files.keys.sorted())
        return [
            #"cp "$GUESTS"/hermit/\#(guest) kernel"#,
            #"printf 'version = "1"\nkernel = "\#(kernel)"\n\#(more)' >hermit.toml"#,
        ] + files.map { "mkdir -p $(dirname \($0)); echo \($1) >\($0)" } + [
            "tar -cf - hermit.toml kernel \(paths) | gzip >image"
        ]
    }
}
