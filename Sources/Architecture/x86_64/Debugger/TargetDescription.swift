extension X86_64 {
    /// The target description, which describes the registers to gdb (gdb manual, appendix "Target
    /// Descriptions").
    public enum TargetDescription: TargetDescribing {
        public static let text: [UInt8] = Array(
            """
            <?xml version="1.0"?>
            <!DOCTYPE target SYSTEM "gdb-target.dtd">
            <target version="1.0">
            <architecture>i386:x86-64</architecture>
            <feature name="org.gnu.gdb.i386.core">
            \(flagsType)\(core)</feature>
            <feature name="org.gnu.gdb.i386.sse">
            \(vectorTypes)\(vectors)</feature>
            <feature name="org.gnu.gdb.i386.segments">
            \(register("fs_base", 64, "int"))\(register("gs_base", 64, "int"))</feature>
            <feature name="org.pinnace.system">
            \(Register.system.map { register($0, 64, "int", group: "system") }.joined())</feature>
            </target>

            """.utf8)

        private static var core: String {
            var text = ""
            for name in Register.general {
                let type =
                    switch name {
                    case "rip": "code_ptr"
                    case "rsp", "rbp": "data_ptr"
                    default: "int64"
                    }
                text += register(name, 64, type)
            }
            text += register("eflags", 32, "i386_eflags")
            for name in Register.segments { text += register(name, 32, "int32") }
            for index in 0..<8 { text += register("st\(index)", 80, "i387_ext") }
            for name in Register.floatingControl {
                text += register(name, 32, "int", group: "float")
            }
            return text
        }

        private static let flagsType: String = {
            let flags = [
                (0, "CF"), (2, "PF"), (4, "AF"), (6, "ZF"), (7, "SF"), (8, "TF"), (9, "IF"),
                (10, "DF"), (11, "OF"), (14, "NT"), (16, "RF"), (17, "VM"), (18, "AC"), (19, "VIF"),
                (20, "VIP"), (21, "ID"),
            ]
            let fields = flags.map { bit, name in
                "<field name=\"\(name)\" start=\"\(bit)\" end=\"\(bit)\"/>\n"
            }
            return "<flags id=\"i386_eflags\" size=\"4\">\n\(fields.joined())</flags>\n"
        }()

        private static let vectorTypes = vectorUnion(
            "vec128",
            [
                ("v4_float", "v4f", "ieee_single", 4), ("v2_double", "v2d", "ieee_double", 2),
                ("v16_int8", "v16i8", "int8", 16), ("v8_int16", "v8i16", "int16", 8),
                ("v4_int32", "v4i32", "int32", 4), ("v2_int64", "v2i64", "int64", 2),
            ])

        private static var vectors: String {
            var text = ""
            for index in 0..<16 { text += register("xmm\(index)", 128, "vec128") }
            return text + register("mxcsr", 32, "int", group: "vector")
        }
    }
}
