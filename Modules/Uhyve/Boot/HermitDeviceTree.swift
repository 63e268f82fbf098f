import Tender

extension DeviceTree {
    /// The device tree of a Hermit guest.
    ///
    /// - Parameters:
    ///   - counterFrequency: the TSC frequency in kHz.
    ///   - archive: an archive in memory; nil if there is none.
    static func hermit(
        memory: Range<UInt64>, cpuCount: UInt32, counterFrequency: UInt32,
        mountPoints: [String], bootArguments: [UInt8], archive: Range<UInt64>? = nil
    ) -> DeviceTree {
        var tree = DeviceTree()
        if let archive {
            tree.reserve(
                archive.lowerBound..<(archive.upperBound.alignedUp(to: 4096) ?? archive.upperBound))
        }
        tree.node("") { root in
            root.property("#address-cells", number: 2)
            root.property("#size-cells", number: 2)
            root.property("compatible", text: "hermit,uhyve")
            root.node("memory@\(String(memory.lowerBound, radix: 16))") { node in
                node.property("device_type", text: "memory")
                node.property(
                    "reg",
                    bigEndian(memory.lowerBound)
                        + bigEndian(memory.upperBound - memory.lowerBound))
            }
            root.node("cpus") { node in
                node.property("#address-cells", number: 1)
                node.property("#size-cells", number: 0)
                for index in 0..<cpuCount {
                    node.node("cpu@\(String(index, radix: 16))") { cpu in
                        cpu.property("device_type", text: "cpu")
                        cpu.property("reg", number: index)
                    }
                }
            }
            root.node("hermit,tsc") { node in
                node.property("khz", number: counterFrequency)
            }
            if !mountPoints.isEmpty {
                root.node("uhyve,mounts") { node in
                    node.property("mounts", mountPoints.flatMap { Array($0.utf8) + [0] })
                }
            }
            root.node("chosen") { node in
                if !bootArguments.isEmpty { node.property("bootargs", text: bootArguments) }
                if let archive {
                    node.property("linux,initrd-start", bigEndian(archive.lowerBound))
                    node.property("linux,initrd-end", bigEndian(archive.upperBound))
                }
            }
        }
        return tree
    }
}
