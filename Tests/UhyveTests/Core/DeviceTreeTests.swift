#if Uhyve
    import Testing

    @testable import Tender
    @testable import Uhyve

    /// A flattened device tree, read back as a guest reads it.
    struct DecodedTree {
        /// By path, such as "/cpus/cpu@0".
        private(set) var nodes: [String: [String: [UInt8]]] = [:]
        private(set) var isWellFormed = false

        init(_ bytes: [UInt8]) {
            func word(_ offset: Int) -> Int {
                guard offset >= 0, offset + 4 <= bytes.count else { return -1 }
                return bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
            }
            func text(_ offset: Int) -> String {
                String(decoding: bytes[offset...].prefix { $0 != 0 }, as: UTF8.self)
            }
            guard word(0) == 0xD00D_FEED, word(4) == bytes.count, word(20) == 17, word(24) <= 17
            else { return }
            let (structure, strings) = (word(8), word(12))
            guard structure % 4 == 0, structure + word(36) <= strings,
                strings + word(32) == bytes.count, word(16) % 8 == 0,
                // The table of reserved memory ends right before the structure.
                bytes[structure - 16..<structure].allSatisfy({ $0 == 0 })
            else { return }
            var path: [String] = []
            var position = structure
            while true {
                let token = word(position)
                position += 4
                switch token {
                case 1:
                    let name = text(position)
                    position += (name.utf8.count + 4) & ~3
                    path.append(name)
                    nodes[Self.name(path)] = [:]
                case 2: path.removeLast()
                case 3:
                    let (count, name) = (word(position), text(strings + word(position + 4)))
                    let start = position + 8
                    nodes[Self.name(path)]?[name] = Array(bytes[start..<start + count])
                    position = start + (count + 3) & ~3
                case 9:
                    isWellFormed = path.isEmpty && position == structure + word(36)
                    return
                default: return
                }
            }
        }

        private static func name(_ path: [String]) -> String {
            path.count == 1 ? "/" : path.joined(separator: "/")
        }
    }

    @Suite struct DeviceTreeTests {
        private func tree(
            memory: Range<UInt64> = 0..<0x400_0000, cpus: UInt32 = 1, mounts: [String] = [],
            arguments: String = ""
        ) -> DecodedTree {
            DecodedTree(
                DeviceTree.hermit(
                    memory: memory, cpuCount: cpus, counterFrequency: 0x1234_5678,
                    mountPoints: mounts, bootArguments: Array(arguments.utf8)
                ).encoded)
        }

        @Test func whatKernelsLookFor() {
            let tree = tree()
            #expect(tree.isWellFormed)
            #expect(tree.nodes["/"]?["compatible"] == Array("hermit,uhyve\0".utf8))
            #expect(tree.nodes["/"]?["#address-cells"] == [0, 0, 0, 2])
            #expect(tree.nodes["/"]?["#size-cells"] == [0, 0, 0, 2])
            #expect(tree.nodes["/memory@0"]?["device_type"] == Array("memory\0".utf8))
            #expect(
                tree.nodes["/memory@0"]?["reg"]
                    == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0])
            #expect(tree.nodes["/hermit,tsc"]?["khz"] == [0x12, 0x34, 0x56, 0x78])
            #expect(tree.nodes["/chosen"] == [:])
            #expect(tree.nodes["/uhyve,mounts"] == nil)
        }

        @Test func memoryAboveFourGigabytes() {
            let tree = tree(memory: 0x8_FC40_0000..<0x9_0040_0000)
            #expect(
                tree.nodes["/memory@8fc400000"]?["reg"]
                    == [0, 0, 0, 8, 0xFC, 0x40, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0])
        }

        @Test func processors() {
            let tree = tree(cpus: 20)
            #expect(tree.isWellFormed)
            #expect(tree.nodes["/cpus"]?["#address-cells"] == [0, 0, 0, 1])
            for index in 0..<20 {
                let cpu = tree.nodes["/cpus/cpu@\(String(index, radix: 16))"]
                #expect(cpu?["device_type"] == Array("cpu\0".utf8))
                #expect(cpu?["reg"] == [0, 0, 0, UInt8(index)])
            }
            #expect(tree.nodes.count == 25)
        }

        @Test func anArchiveInMemory() {
            let bytes = DeviceTree.hermit(
                memory: 0..<0x400_0000, cpuCount: 1, counterFrequency: 1, mountPoints: [],
                bootArguments: [], archive: 0x12_3000..<0x12_5001
            ).encoded
            let tree = DecodedTree(bytes)
            #expect(tree.isWellFormed)
            #expect(
                tree.nodes["/chosen"]?["linux,initrd-start"] == bigEndian(0x12_3000 as UInt64))
            #expect(tree.nodes["/chosen"]?["linux,initrd-end"] == bigEndian(0x12_5001 as UInt64))
            // In whole pages.
            #expect(
                Array(bytes[40..<56]) == bigEndian(0x12_3000 as UInt64)
                    + bigEndian(0x3000 as UInt64))
        }

        @Test func mountPointsAndArguments() {
            let tree = tree(mounts: ["/root", "/data"], arguments: "env=A=b -- c")
            #expect(tree.nodes["/uhyve,mounts"]?["mounts"] == Array("/root\0/data\0".utf8))
            #expect(tree.nodes["/chosen"]?["bootargs"] == Array("env=A=b -- c\0".utf8))
        }
    }

    /// Arguments and environment in both of their forms.
    @Suite struct GuestArgumentsTests {
        private func arguments(
            _ arguments: [String], environment: [String] = []
        ) -> GuestArguments {
            GuestArguments(
                path: Array("dir/guest".utf8), arguments: arguments.map { Array($0.utf8) },
                environment: environment.map { Array($0.utf8) })
        }

        private func line(_ words: [String], environment: [String] = []) -> String {
            String(
                decoding: arguments(words, environment: environment).bootArguments,
                as: UTF8.self)
        }

        @Test func lines() {
            #expect(line([]) == "")
            #expect(line(["-ip", "10.0.0.2"]) == "-ip 10.0.0.2")
            #expect(line(["--", "a", "b"]) == "-- a b")
            #expect(line(["-freq", "5", "--", "a", "--"]) == "-freq 5 -- a --")
            #expect(
                line(["-x", "--", "a"], environment: ["K=V", "L="]) == "env=K=V env=L='' -x -- a")
        }

        @Test func quoting() {
            #expect(
                line(["--", "a b", "", "it's", "$(x)", "ü"]) == "-- 'a b' '' 'it'\\''s' '$(x)' ü")
            #expect(line([], environment: ["K=a b=c", "X Y=z"]) == "env=K='a b=c' env='X Y'=z")
            #expect(line([], environment: ["A=\n;"]) == "env=A='\n;'")
        }

        @Test func vectors() {
            func texts(_ words: [String]) -> [String] {
                arguments(words).vector.map { String(decoding: $0, as: UTF8.self) }
            }
            #expect(texts([]) == ["dir/guest"])
            #expect(texts(["a", "b c"]) == ["dir/guest", "a", "b c"])
            #expect(texts(["a", "--", "b", "--"]) == ["dir/guest", "a", "b", "--"])
        }

        @Test(arguments: 0...20) func paddedEnvironments(_ count: Int) {
            let environment = (0..<count).map { "V\($0)=x" }
            let padded = arguments([], environment: environment).paddedEnvironment
            #expect(padded.prefix(count).elementsEqual(environment.map { Array($0.utf8) }))
            #expect(padded.dropFirst(count).allSatisfy { $0.isEmpty })
            #expect(padded.count == (count < 8 ? 16 : count))
        }
    }
#endif
