#if Gdb
    import Testing

    @testable import Gdb

    @Suite struct RequestTests {
        private func request(_ text: String) -> Request { Request(Array(text.utf8)) }

        static let wellFormed: [(String, Request)] = [
            ("?", .stopReason), ("g", .readRegisters), ("G00ff", .writeRegisters([0, 0xFF])),
            ("p10", .readRegister(16)), ("P10=0A0b", .writeRegister(16, [10, 11])),
            ("m100000,10", .readMemory(address: 0x10_0000, count: 16)),
            ("mffffffffffffffff,1", .readMemory(address: .max, count: 1)),
            ("M10,2:abCD", .writeMemory(address: 16, [0xAB, 0xCD])),
            ("X10,3:a:b", .writeMemory(address: 16, Array("a:b".utf8))),
            ("X0,0:", .writeMemory(address: 0, [])),
            ("Z0,1000,1", .insert(.init(kind: .software, address: 0x1000, length: 1))),
            ("z1,1000,1", .remove(.init(kind: .hardware, address: 0x1000, length: 1))),
            ("Z2,8,8", .insert(.init(kind: .write, address: 8, length: 8))),
            ("Z4,8,2", .insert(.init(kind: .access, address: 8, length: 2))),
            ("c", .resume([.init(kind: .run, threads: .all)])),
            ("s", .resume([.init(kind: .step, threads: .any)])),
            ("C0b", .resume([.init(kind: .run, threads: .all)])),
            (
                "vCont;s:2;c",
                .resume([.init(kind: .step, threads: .one(2)), .init(kind: .run, threads: .all)])
            ),
            (
                "vCont;C05:-1;t:1",
                .resume([.init(kind: .run, threads: .all), .init(kind: .stay, threads: .one(1))])
            ),
            ("vCont?", .resumptions), ("Hg0", .select(.any, isGeneral: true)),
            ("Hc-1", .select(.all, isGeneral: false)), ("T2", .isAlive(.one(2))),
            ("qfThreadInfo", .firstThreads), ("qsThreadInfo", .moreThreads), ("qC", .currentThread),
            ("qThreadExtraInfo,1", .threadInformation(.one(1))), ("qAttached", .isAttached),
            ("qOffsets", .offsets), ("qRcmd,68656c70", .command(Array("help".utf8))),
            ("qXfer:features:read:target.xml:0,ffb", .description(offset: 0, count: 0xFFB)),
            ("qSupported:multiprocess+;swbreak+", .features(stopReasons: true)),
            ("qSupported", .features(stopReasons: false)), ("QStartNoAckMode", .noAcknowledgements),
            ("D", .detach), ("D;1", .detach), ("k", .kill), ("vKill;1", .kill),
        ]

        @Test(arguments: wellFormed.indices)
        func `what debuggers ask for`(index: Int) {
            let (text, expected) = Self.wellFormed[index]
            #expect(request(text) == expected, "\(text)")
        }

        @Test(arguments: [
            "", "!", "x", "q", "qSymbol::", "vMustReplyEmpty", "vFile:open:61,0,0", "Z5,0,1",
            "c1000",
            "QNonStop:1", "qXfer:auxv:read::0,1000", "b", "R00",
        ])
        func `what is not known`(text: String) { #expect(request(text) == .unknown) }

        @Test(arguments: [
            "G0", "Gxx", "p", "pxyz", "p1 ", "P10", "P10=1", "P=00", "m", "m10", "m10,", "m,10",
            "m10,4x",
            "m10000000000000000,1", "M10,2:ab", "M10,2:abcdef", "M10:ab", "X10,2:a",
            "X10,fffffff:a", "Z0",
            "Z0,10", "Z0,10,", "Z0,10,1;X1,22", "Zx,1,1", "C", "Cxyz", "H", "Hg", "Hgx", "T", "T-2",
            "vCont;", "vCont;x", "vCont;c:", "vCont;C", "vCont;c;", "vCont", "vContx", "vCont;c:1x",
            "qRcmd,6", "qThreadExtraInfo,", "qXfer:features:read:target.xml:0", "T80000000",
            "G\u{E9}",
            "qXfer:features:read:target.xml:fffffffffffffffff,1", "mffffffffffffffffff,1",
        ])
        func `what is malformed`(text: String) { #expect(request(text) == .malformed) }

        @Test func `as much memory as a packet holds`() {
            #expect(
                request("m0,ffffffffffffffff")
                    == .readMemory(address: 0, count: Request.mostMemory))
        }

        @Test func `changed in any way`() {
            for (text, _) in Self.wellFormed {
                for _ in 0..<300 {
                    var bytes = Array(text.utf8)
                    for _ in 0..<Int.random(in: 1...3) {
                        let place = Int.random(in: 0...bytes.count)
                        switch Int.random(in: 0..<3) {
                        case 0: bytes.insert(.random(in: 0...255), at: place)
                        case 1 where place < bytes.count: bytes[place] = .random(in: 0...255)
                        default: bytes = Array(bytes.prefix(place))
                        }
                    }
                    if case .readMemory(_, let count) = Request(bytes) {
                        #expect(count <= Request.mostMemory)
                    }
                }
            }
        }
    }
#endif
