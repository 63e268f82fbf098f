#if Gdb
    import Testing

    @testable import Gdb

    @Suite struct PacketReaderTests {
        private func items(_ bytes: [UInt8]) -> [PacketReader.Item] {
            var reader = PacketReader()
            return bytes.compactMap { reader.take($0) }
        }

        private func items(_ text: String) -> [PacketReader.Item] { items(Array(text.utf8)) }

        @Test func `packets and what is between them`() {
            #expect(items("+$m10,4#2e") == [.packet(Array("m10,4".utf8))])
            #expect(items("$#00") == [.packet([])])
            #expect(items("\u{3}-$?#3f") == [.interrupt, .refusal, .packet(Array("?".utf8))])
            // Within a packet it is a byte like others.
            #expect(items("$X\u{3}#5b") == [.packet(Array("X\u{3}".utf8))])
        }

        @Test func `escaped bytes`() {
            let content: [UInt8] = Array("X0,4:".utf8) + [0x23, 0x24, 0x7D, 0x2A]
            #expect(items(PacketReader.packet(content)) == [.packet(content)])
        }

        @Test(arguments: ["$?#40", "$?#zz", "$?#3", "$?3f", "$", "#3f", "?", ""])
        func `packets that are none`(text: String) {
            #expect(items(text).allSatisfy { $0 == .corrupt })
        }

        @Test func `a packet that is begun again`() {
            #expect(items("$m10,$?#3f") == [.packet(Array("?".utf8))])
        }

        @Test func `packets that are too long are no more than that`() {
            let longest = [UInt8](repeating: UInt8(ascii: "a"), count: PacketReader.mostBytes)
            #expect(items(PacketReader.packet(longest)) == [.packet(longest)])
            let packet = PacketReader.packet(longest + longest)
            #expect(items(packet + Array("$?#3f".utf8)) == [.oversized, .packet([0x3F])])
        }

        @Test func `anything at all`() {
            var random = SystemRandomNumberGenerator()
            for _ in 0..<2000 {
                let bytes = (0..<200).map { _ in
                    let letters = Array("$#}+-*0af\u{3}".utf8)
                    return Bool.random(using: &random)
                        ? letters.randomElement(using: &random)! : UInt8.random(in: 0...255)
                }
                for case .packet(let content) in items(bytes) { #expect(content.count < 200) }
            }
        }
    }
#endif
