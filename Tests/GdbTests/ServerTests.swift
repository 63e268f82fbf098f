#if Gdb
    import Architecture
    import Foundation
    import Hypervisor
    import Testing

    @testable import Gdb
    @testable import Tender

    /// The server with debuggers of all sorts, and a guest that is none.
    @Suite struct ServerTests {
        @Test func `a conversation`() throws {
            let guest = try FakeGuest()
            let client = try guest.connect()
            let features = try client.ask("qSupported:swbreak+;hwbreak+")
            #expect(features.hasPrefix("PacketSize=4000;QStartNoAckMode+;"))
            #expect(try client.ask("QStartNoAckMode") == "OK")
            #expect(try client.ask("?") == "T05thread:1;")
            #expect(try client.ask("qAttached") == "1")
            #expect(try client.ask("qfThreadInfo") == "m1")
            #expect(try client.ask("qsThreadInfo") == "l")
            #expect(try client.ask("qC") == "QC1")
            #expect(try client.ask("vCont?") == "vCont;c;C;s;S;t")
            #expect(try client.ask("vMustReplyEmpty") == "")
            #expect(try client.ask("qOffsets") == "Text=0;Data=0;Bss=0")
        }

        @Test func `the description comes in parts`() throws {
            let client = try FakeGuest().connect()
            var text = ""
            while true {
                let offset = String(text.utf8.count, radix: 16)
                let part = try client.ask("qXfer:features:read:target.xml:\(offset),200")
                text += part.dropFirst()
                guard part.first == "m" else { break }
                #expect(part.utf8.count == 0x201)
            }
            #expect(Array(text.utf8) == TargetDescription.text)
            let end = String(text.utf8.count, radix: 16)
            #expect(try client.ask("qXfer:features:read:target.xml:\(end),1") == "l")
            #expect(try client.ask("qXfer:features:read:target.xml:fffff,1") == "E16")
            #expect(try client.ask("qXfer:features:read:other.xml:0,1") == "")
        }

        @Test func `registers`() throws {
            let client = try FakeGuest().connect()
            #expect(try client.ask("pf") == "0f00000000000000")
            #expect(try client.ask("Pf=8877665544332211") == "OK")
            #expect(try client.ask("pf") == "8877665544332211")
            #expect(try client.ask("P28=000102030405060708090a0b0c0d0e0f") == "OK")
            #expect(try client.ask("p28") == "000102030405060708090a0b0c0d0e0f")
            let all = try client.ask("g")
            #expect(all.contains("8877665544332211"))
            #expect(try client.ask("G" + all) == "OK")
            #expect(try client.ask("g") == all)
            for bad in [
                "p40", "pffffffff", "Pf=00", "P40=0000000000000000", "P3b=0000000000000000", "G00",
            ] {
                #expect(try client.ask(bad) == "E16", "\(bad)")
            }
        }

        @Test func `memory and breakpoints`() throws {
            let guest = try FakeGuest()
            let client = try guest.connect()
            #expect(try client.ask("M1000,4:01020304") == "OK")
            #expect(try client.ask("X1004,2:#a") == "OK")
            #expect(try client.ask("m1000,6") == "010203042361")
            #expect(try client.ask("Z0,1001,1") == "OK")
            #expect(try guest.memory.load(UInt8.self, at: GuestAddress(0x1001)) == 0xCC)
            #expect(try client.ask("m1000,3") == "010203")
            #expect(try client.ask("z0,1001,1") == "OK")
            #expect(try guest.memory.load(UInt8.self, at: GuestAddress(0x1001)) == 2)
            // As much as there is.
            #expect(try client.ask("m1ffffe,10") == "0000")
            for bad in ["m200000,1", "M1fffff,2:0000", "Z0,200000,1", "m10000000000,4"] {
                #expect(try client.ask(bad) == "E0e", "\(bad)")
            }
            for index in 0..<4 { #expect(try client.ask("Z1,\(index),1") == "OK") }
            #expect(try client.ask("Z2,1000,8") == "E1c")
            #expect(try client.ask("z1,0,1") == "OK")
            #expect(try client.ask("Z2,1000,8") == "OK")
        }

        @Test func `running and stopping`() throws {
            let guest = try FakeGuest()
            let client = try guest.connect()
            _ = try client.ask("qSupported:swbreak+")
            #expect(try client.ask("vCont;s:1") == "T05thread:1;")
            #expect(try client.ask("p10") == "0110000000000000")
            #expect(try client.ask("s") == "T05thread:1;")

            #expect(try client.ask("Z0,2000,1") == "OK")
            client.send("vCont;c")
            guest.cpus[0].next(.debug, debug: DebugExit(address: 0x2000, isBreakpoint: true))
            #expect(try client.next() == "T05thread:1;swbreak:;")
            #expect(guest.cpus[0].stops.hasBreakpoints)
            #expect(!guest.cpus[0].stops.isStepping)

            #expect(try client.ask("Z2,3000,4") == "OK")
            client.send("c")
            guest.cpus[0].next(.debug, debug: DebugExit(address: 0x2004, watch: 0))
            #expect(try client.next() == "T05thread:1;watch:3000;")

            // One of the guest's own is passed by.
            client.send("c")
            guest.cpus[0].next(.debug, debug: DebugExit(address: 0x1002, isBreakpoint: true))
            #expect(try client.next() == "T05thread:1;")
            #expect(try client.ask("p10") == "0310000000000000")

            client.send("c")
            client.send([3])
            #expect(try client.next() == "T02thread:1;")
        }

        @Test func `faults, and the end`() throws {
            let guest = try FakeGuest()
            let client = try guest.connect()
            client.send("c")
            guest.cpus[0].next(.shutdown)
            #expect(try client.next() == "T0bthread:1;")
            #expect(try client.ask("?") == "T0bthread:1;")
            client.send("c")
            #expect(try guest.verdict() == .pass)
            guest.debugger.ended(.fault(cpu: 0))
            #expect(try client.next() == "X0b")
        }

        @Test func `the guest's own end`() throws {
            let guest = try FakeGuest()
            let client = try guest.connect()
            client.send("c")
            guest.cpus[0].next(.halt)
            #expect(try guest.verdict() == .pass)
            guest.debugger.ended(.halt(Halt(exitStatus: 42, cookie: GuestAddress(0))))
            #expect(try client.next() == "W2a")
        }

        @Test func `killed`() throws {
            for request in ["k", "vKill;1"] {
                let guest = try FakeGuest(cpuCount: 2)
                let client = try guest.connect()
                client.send(request)
                #expect(try guest.verdict(0) == .end(status: 1))
                #expect(try guest.verdict(1) == .end(status: 1))
            }
        }

        @Test func `one debugger after the other`() throws {
            let guest = try FakeGuest()
            let first = try guest.connect()
            #expect(try first.ask("Z0,1000,1") == "OK")
            #expect(try first.ask("Z1,1000,1") == "OK")
            #expect(try first.ask("D") == "OK")
            #expect(first.isOver())
            #expect(try guest.memory.load(UInt8.self, at: GuestAddress(0x1000)) == 0)

            // The guest runs, and stops for the next one.
            let second = try guest.connect()
            #expect(try second.ask("?") == "T05thread:1;")
            #expect(guest.cpus[0].stops == DebugStops())
            second.send("c")
            second.send([3])
            #expect(try second.next() == "T02thread:1;")
        }

        @Test func `a connection that is lost`() throws {
            let guest = try FakeGuest()
            var client: Client? = try guest.connect()
            #expect(try client?.ask("Z0,1000,1") == "OK")
            #expect(try client?.ask("Pf=0100000000000000") == "OK")
            client = nil
            // Stopped, it stays so.
            client = try guest.connect()
            #expect(try client?.ask("pf") == "0100000000000000")
            #expect(try guest.memory.load(UInt8.self, at: GuestAddress(0x1000)) == 0)
            // Running, it runs on, and a fault is its end.
            client?.send("c")
            guest.cpus[0].waitForRun()
            client = nil
            guest.cpus[0].next(.portWrite(port: 1, width: 4, value: 0), .halt)
            #expect(try guest.verdict() == .pass)
        }

        @Test func `threads`() throws {
            let guest = try FakeGuest(cpuCount: 3)
            let client = try guest.connect()
            #expect(try client.ask("qfThreadInfo") == "m1,2,3")
            #expect(try client.ask("qThreadExtraInfo,3") == "764350552032")
            #expect(try client.ask("T3") == "OK")
            #expect(try client.ask("Hg3") == "OK")
            #expect(try client.ask("P0=0300000000000000") == "OK")
            #expect(try client.ask("Hg1") == "OK")
            #expect(try client.ask("p0") == "0000000000000000")
            for bad in ["T4", "Hg4", "qThreadExtraInfo,0", "qThreadExtraInfo,4"] {
                #expect(try client.ask(bad) == "E16", "\(bad)")
            }
            // One steps, and the others stand still.
            #expect(try client.ask("vCont;s:2") == "T05thread:2;")
            #expect(guest.cpus[0].state().rip == 0x1000)
            #expect(try client.ask("vCont;s:9") == "E16")
            #expect(try client.ask("vCont;t") == "E16")
            // One stops, and all do.
            client.send("vCont;c")
            guest.cpus[2].next(.memoryFault(address: 0))
            #expect(try client.next() == "T0bthread:3;")
            #expect(try client.ask("Hg1") == "OK")
            #expect(try client.ask("p10") == "0010000000000000")
        }

        @Test func `monitor commands`() throws {
            let guest = try FakeGuest()
            let client = try guest.connect()
            func monitor(_ command: String) throws -> String {
                var output: [UInt8] = []
                client.send("qRcmd," + String(decoding: Hex.digits(command.utf8), as: UTF8.self))
                while true {
                    let reply = try client.next()
                    guard reply.first == "O", reply != "OK" else { break }
                    output += try #require(Hex.bytes(Array(reply.utf8)[1...]))
                }
                return String(decoding: output, as: UTF8.self)
            }
            client.send("c")
            guest.cpus[0].next(
                .portWrite(port: 7, width: 4, value: 0), .portWrite(port: 7, width: 4, value: 0))
            guest.cpus[0].next(.debug)
            _ = try client.next()
            #expect(try monitor("exits").contains(/hypercall 7 +2\n/))
            #expect(try monitor("regs").contains("r15 000000000000000f"))
            #expect(try monitor("help").contains("monitor exits"))
            #expect(try monitor("reboot").contains("no such command"))
        }

        @Test func `acknowledgements`() throws {
            let client = try FakeGuest().connect()
            client.send(Array("$?#00".utf8))
            #expect(try client.ask("?") == "T05thread:1;")
            client.send([UInt8(ascii: "-")])
            #expect(try client.next() == "T05thread:1;")
        }

        @Test func `hostile debuggers`() throws {
            let guest = try FakeGuest(cpuCount: 2)
            // None of these lets the guest run or go.
            let harmless = RequestTests.wellFormed.map(\.0).filter {
                !"csCSDkv".contains($0.first!)
            }
            for round in 0..<40 {
                let client = try guest.connect()
                if round % 2 == 0 { #expect(try client.ask("QStartNoAckMode") == "OK") }
                // More than it reads the answers of would fill the sockets.
                for _ in 0..<60 {
                    var bytes = Array(harmless.randomElement()!.utf8)
                    let place = Int.random(in: 1...max(1, bytes.count))
                    bytes.insert(
                        contentsOf: (0..<3).map { _ in .random(in: 0...255) },
                        at: min(place, bytes.count))
                    client.send(
                        Bool.random() ? PacketReader.packet(bytes) : bytes.filter { $0 != 0x24 })
                }
                client.send([UInt8](repeating: UInt8(ascii: "a"), count: 50_000))
                client.send(PacketReader.packet([UInt8](repeating: 0x6D, count: 40_000)))
            }
            #expect(try guest.connect().ask("?").hasPrefix("T05"))
        }
    }
#endif
