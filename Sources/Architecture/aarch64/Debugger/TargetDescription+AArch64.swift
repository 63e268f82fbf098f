extension AArch64 {
    /// The target description, which describes the registers to gdb (gdb manual, appendix "Target
    /// Descriptions", "AArch64 Features").
    public enum TargetDescription: TargetDescribing {
        public static let text: [UInt8] = Array(
            """
            <?xml version="1.0"?>
            <!DOCTYPE target SYSTEM "gdb-target.dtd">
            <target version="1.0">
            <architecture>aarch64</architecture>
            <feature name="org.gnu.gdb.aarch64.core">
            \(core)</feature>
            <feature name="org.gnu.gdb.aarch64.fpu">
            \(vectorTypes)\(vectors)</feature>
            <feature name="org.pinnace.system">
            \(RegisterFile.system.map { register($0, 64, "int", group: "system") }.joined())</feature>
            </target>

            """.utf8)

        private static var core: String {
            var text = ""
            for number in 0..<31 { text += register("x\(number)", 64, "int64") }
            text += register("sp", 64, "data_ptr")
            text += register("pc", 64, "code_ptr")
            return text + register("cpsr", 32, "int32")
        }

        /// As gdb itself names the parts of these registers: `$v0.d.u[1]`.
        private static let vectorTypes: String = {
            var (text, fields) = ("", "")
            for (name, float, bits) in [
                ("d", "ieee_double", 64), ("s", "ieee_single", 32), ("h", "ieee_half", 16),
                ("b", nil, 8),
                ("q", nil, 128),
            ] as [(String, String?, Int)] {
                let count = 128 / bits
                var kinds = [("u", "uint\(bits)"), ("s", "int\(bits)")]
                if let float { kinds.insert(("f", float), at: 0) }
                for (kind, element) in kinds {
                    text +=
                        "<vector id=\"v\(name)\(kind)\" type=\"\(element)\" count=\"\(count)\"/>\n"
                }
                let parts = kinds.map { field($0.0, "v\(name)\($0.0)") }
                text += "<union id=\"v\(name)\">\n\(parts.joined())</union>\n"
                fields += field(name, "v\(name)")
            }
            return text + "<union id=\"aarch64v\">\n\(fields)</union>\n"
        }()

        private static func field(_ name: String, _ type: String) -> String {
            "<field name=\"\(name)\" type=\"\(type)\"/>\n"
        }

        private static var vectors: String {
            var text = ""
            for number in 0..<32 { text += register("v\(number)", 128, "aarch64v") }
            return text + register("fpsr", 32, "int", group: "float")
                + register("fpcr", 32, "int", group: "float")
        }
    }
}
