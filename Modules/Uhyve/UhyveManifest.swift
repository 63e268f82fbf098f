import Tender

extension UhyveModule {
    public static let manifest = ModuleManifest(
        name: "uhyve", trait: "Uhyve", summary: "runs Hermit guests, as uhyve does",
        hypercalls: Call.allCases.map { call in
            let facts = call.facts
            return HypercallSpecification(
                number: facts.port, name: facts.name, argumentSize: facts.argumentSize,
                isPort: true)
        },
        options: HermitOptions.specifications,
        systemCalls: [
            SystemCallSpecification(
                "ioctl",
                [
                    .descriptor(argument: 0, "a vCPU"),
                    .equals(argument: 1, 0x8138_AE83, name: "KVM_GET_SREGS"),
                ]),
            SystemCallSpecification("read"),
            SystemCallSpecification("write"),
            // Only if the console is a socket.
            SystemCallSpecification("sendto", [.descriptor(argument: 0, "the console")]),
            SystemCallSpecification("ppoll"),
            SystemCallSpecification("poll"),
            SystemCallSpecification("lseek"),
            SystemCallSpecification("openat2"),
            SystemCallSpecification("getdents64"),
            SystemCallSpecification("fstat"),
            SystemCallSpecification("mkdirat"),
            SystemCallSpecification("unlinkat"),
            SystemCallSpecification("close"),
            SystemCallSpecification("getrandom"),
            SystemCallSpecification("futex"),
            SystemCallSpecification("tgkill"),
        ])
}
