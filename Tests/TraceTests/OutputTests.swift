#if Trace
    import ABI
    import Foundation
    import Manifests
    import Tender
    import Testing

    #if canImport(FoundationXML)
        import FoundationXML
    #endif

    @testable import Trace

    /// Traces as they are shown.
    @Suite struct OutputTests {
        private static var sample: TraceBuilder {
            typealias Words = TraceBuilder
            var builder = TraceBuilder(cpuCount: 2, recordsPerCPU: 64)
            builder.add(
                1, Words.words(1_700_000_000_123_456_789 as UInt64), at: 2000, host: 800,
                guest: 1000)
            builder.add(
                2, Words.words(0x2000 as UInt64, 5 as UInt64), sequence: 1, at: 4000, host: 12_345,
                guest: 1200)
            builder.add(
                3, Words.words(1_500_000 as UInt64, 5 as UInt64, 2 as Int32, 0 as Int32),
                sequence: 2, at: 20_000, host: 1_000_000, guest: 3655)
            builder.add(
                4, block(offset: 512, result: 0), sequence: 3, at: 1_100_000, host: 9000)
            builder.add(
                5, block(offset: 1 << 40, result: 2), sequence: 4, at: 1_200_000, host: 9100)
            builder.add(
                7, Words.words(1 as UInt64, 0x3000 as UInt64, 98 as UInt64, 1 as Int32, 0 as Int32),
                sequence: 5, at: 1_300_000, host: 700)
            builder.add(
                9, [1, 2, 0xFF], sequence: 6, at: 1_400_000, host: 700)
            builder.add(
                0x60, Words.words(7 as UInt64), cpu: 1, at: 1_450_000, host: 10, kind: .portWrite,
                width: 1)
            builder.add(
                8, Words.words(0x4000 as UInt64, -1 as Int32, 0 as Int32), sequence: 7,
                at: 1_500_000, host: 600, result: .halt)
            builder.add(
                2, cpu: 1, sequence: 1, at: 1_600_000, result: .unfinished, address: 0x99)
            builder.header.end = .halt
            builder.header.exitStatus = -1
            builder.header.endMonotonic = 1_700_000
            return builder
        }

        private static func block(offset: UInt64, result: Int32) -> [UInt8] {
            TraceBuilder.words(
                3 as UInt64, offset, 0x5000 as UInt64, 512 as UInt64, result, 0 as UInt32)
        }

        @Test func `a line for each record`() throws {
            let lines = try Self.sample.recording().shown().split(separator: "\n").map {
                String($0)
            }
            #expect(
                lines == [
                    "   0.000001000 [0] WALLTIME() = 1700000000.123456789 <800 ns>",
                    "   0.000003000 [0] PUTS(data=0x2000, len=5) <12.3 us>",
                    "   0.000019000 [0] POLL(timeout=1500.0 us) = 2, set={0,2} <1000.0 us>",
                    "   0.001099000 [0] BLOCK_WRITE(handle=3, offset=512, data=0x5000, len=512)"
                        + " = ok <9000 ns>",
                    "   0.001199000 [0] BLOCK_READ(handle=3, offset=1099511627776, data=0x5000,"
                        + " len=512) = invalid <9100 ns>",
                    "   0.001299000 [0] NET_READ(handle=1, data=0x3000, len=98) = again <700 ns>",
                    "   0.001399000 [0] <&\"\\?(argument=0x1000, bytes=0102ff) <700 ns>",
                    "   0.001449000 [1] exit:port-write(port=0x60, width=1, value=0x7) <10 ns>",
                    "   0.001499000 [0] HALT(exit_status=-1, cookie=0x4000) <600 ns>",
                    "   0.001599000 [1] PUTS(argument=0x99) <unfinished>",
                    "# Solo5 guest: it halted with status -1",
                ])
        }

        @Test func `calls of Hermit guests`() throws {
            typealias Words = TraceBuilder
            let numbers: [(Int32, String, [UInt8])] = [
                (
                    UHYVE_V2_FILE_OPEN, "FileOpen",
                    Words.words(0x100 as UInt64, 0o1101 as Int32, 0o644 as Int32, 3 as Int32)
                ),
                (
                    UHYVE_V1_FILE_READ, "FileRead",
                    Words.words(3 as Int32, 0x200 as UInt64, 64 as UInt64, -9 as Int64)
                ),
                (
                    UHYVE_V2_FILE_WRITE, "FileWrite",
                    Words.words(64 as UInt64, 63 as Int64, 0x200 as UInt64, 3 as Int32, 0 as Int32)
                ),
                (
                    UHYVE_V3_MKDIR, "Mkdir",
                    Words.words(0x300 as UInt64, 9 as UInt64, 2 as UInt32, 17 as Int32)
                ),
                (
                    UHYVE_V3_FILE_FSTAT, "FileFstat",
                    Words.words(3 as Int32, 0 as Int32, 0x400 as UInt64, 1 as UInt32, 0 as Int32)
                ),
                (UHYVE_V2_SERIAL_WRITE_BYTE, "SerialWriteByte", []),
                (UHYVE_V2_EXIT, "Exit", []),
            ]
            var builder = TraceBuilder(
                guests: "Hermit",
                calls: CallTable(ModuleManifest.all, of: UhyveManifest.guests).calls)
            for (index, call) in numbers.enumerated() {
                builder.add(
                    call.0, call.2, sequence: UInt64(index), at: 1000 + UInt64(index),
                    address: 0xFFFF_FFFF)
            }
            let recording = try builder.recording()
            let calls = recording.shown().split(separator: "\n").map {
                $0.split(separator: "[0] ").last.map { String($0.prefix { $0 != "<" }) } ?? ""
            }
            #expect(
                calls.dropLast() == [
                    "FileOpen(name=0x100, flags=WRONLY|CREAT|TRUNC, mode=0644) = 3 ",
                    "FileRead(fd=3, buf=0x200, len=64) = -9 ",
                    "FileWrite(fd=3, buf=0x200, len=64) = 63 ",
                    "Mkdir(path=0x300, len=9) = error 17 ", "FileFstat(fd=3, attr=0x400) = ok ",
                    "SerialWriteByte(byte=255) ", "Exit(code=-1) ",
                ])
            let rows = Summary(recording).rows.map { $0.total }
            #expect(
                rows.filter { $0.errors > 0 }.map { $0.name }.sorted() == ["FileRead", "Mkdir"])
            #expect(rows.first { $0.name == "FileWrite" }?.bytes == 63)
        }

        @Test func `results that are no numbers`() throws {
            typealias Words = TraceBuilder
            var builder = TraceBuilder(
                guests: "Hermit",
                calls: CallTable(ModuleManifest.all, of: UhyveManifest.guests).calls)
            for (index, (tag, value)) in [(1, 96), (2, 0), (3, 9)].enumerated() {
                builder.add(
                    UHYVE_V3_GETDENTS,
                    Words.words(
                        3 as Int32, 0 as Int32, 0x200 as UInt64, 64 as UInt64, UInt32(tag),
                        0 as UInt32, UInt64(value)), sequence: UInt64(index),
                    at: 1000 + UInt64(index))
            }
            let lines = try builder.recording().shown().split(separator: "\n").dropLast().map {
                String($0.split(separator: "[0] ")[1].prefix { $0 != "<" })
            }
            let call = "Getdents(fd=3, buf=0x200, len=64) = "
            #expect(lines == ["\(call)96 ", "\(call)0 ", "\(call)error 9 "])
        }

        @Test func `a call of which the trace does not know the fields`() throws {
            var builder = TraceBuilder(
                calls: [TracedCall(number: 1, name: "WALLTIME", argumentSize: 8)])
            builder.add(1, [1, 0, 0, 0, 0, 0, 0, 0])
            #expect(
                try builder.recording().shown().contains(
                    "WALLTIME(argument=0x1000, bytes=0100000000000000)"))
        }

        @Test func `the summary's percentiles are durations that occurred`() throws {
            var builder = TraceBuilder(recordsPerCPU: 200)
            for index in 0..<100 {
                builder.add(
                    2, TraceBuilder.words(0 as UInt64, 10 as UInt64), sequence: UInt64(index),
                    at: 1000 + UInt64(index) * 1000, host: UInt64(100 - index), guest: 900)
            }
            let recording = try builder.recording()
            let row = try #require(Summary(recording).rows.first)
            #expect(row.total.count == 100 && row.total.bytes == 1000 && row.total.errors == 0)
            #expect(row.total.hostTime == 5050)
            #expect([50, 90, 99, 100].map(row.percentile) == [50, 90, 99, 100])
            let text = recording.shown("summary")
            let cells = text.split(separator: "\n")[1].split(separator: "  ").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            #expect(
                cells == [
                    "PUTS", "100", "0", "1000", "5050 ns", "50 ns", "50 ns", "90 ns", "99 ns",
                    "100 ns", "100.0%",
                ])
            #expect(
                text.contains(
                    "guest time 90.0 us (94.6%), rest 0 ns (0.0%), host time 5050 ns (5.3%)"))
        }

        @Test func `a wait is the guest's rest and no work of the host's`() throws {
            var builder = TraceBuilder()
            builder.add(2, at: 2000, host: 10_000, guest: 20_000)
            builder.add(3, sequence: 1, at: 50_000, host: 70_000)
            let text = try builder.recording().shown("summary")
            #expect(
                text.contains(
                    "guest time 20.0 us (20.0%), rest 70.0 us (70.0%), host time 10.0 us (10.0%)"))
        }

        @Test func `the JSON is one document with all that is known`() throws {
            let text = try Self.sample.recording().shown("json")
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
            let document = try #require(object as? [String: Any])
            #expect(document["guest"] as? String == "Solo5")
            #expect(document["cpus"] as? Int == 2 && document["status"] as? Int == -1)
            #expect(document["end"] as? String == "halt" && document["lost"] as? Int == 0)
            let records = try #require(document["records"] as? [[String: Any]])
            #expect(records.count == 10)
            let write = records[3]
            #expect(write["name"] as? String == "BLOCK_WRITE" && write["time"] as? Int == 1_099_000)
            #expect(write["bytes"] as? Int == 512 && write["error"] as? Bool == false)
            let arguments = try #require(write["arguments"] as? [String: Any])
            #expect(arguments["offset"] as? Int == 512 && arguments["data"] as? String == "0x5000")
            #expect((write["results"] as? [String: Any])?["result"] as? String == "ok")
            #expect(records[4]["error"] as? Bool == true && records[4]["bytes"] as? Int == 0)
            #expect((records[2]["results"] as? [String: Any])?["set"] as? [Int] == [0, 2])
            #expect(
                records[9]["host"] is NSNull && records[9]["outcome"] as? String == "unfinished")
            // A line each, for tools that read lines.
            #expect(text.split(separator: "\n").count == 12)
        }

        @Test func `Perfetto gets slices of guest and host on each vCPU's track`() throws {
            let text = try Self.sample.recording().shown("perfetto")
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
            let events = try #require(
                (object as? [String: Any])?["traceEvents"] as? [[String: Any]])
            let slices = events.filter { $0["ph"] as? String == "X" }
            #expect(slices.filter { $0["cat"] as? String == "host" }.count == 9)
            let unfinished = try #require(slices.first { $0["cat"] as? String == "unfinished" })
            #expect(unfinished["ts"] as? Double == 1599)
            #expect(slices.filter { $0["cat"] as? String == "guest" }.count == 3)
            let names = events.filter { $0["name"] as? String == "thread_name" }
            #expect(names.map { $0["tid"] as? Int } == [0, 1])
            let puts = try #require(slices.first { $0["name"] as? String == "PUTS" })
            #expect(puts["ts"] as? Double == 3 && puts["dur"] as? Double == 12.345)
            let guest = try #require(slices.first { $0["cat"] as? String == "guest" })
            #expect(guest["ts"] as? Double == 0 && guest["dur"] as? Double == 1)
        }

        @Test func `an unfinished call lasts until the end`() throws {
            var builder = TraceBuilder()
            builder.header.endMonotonic = 51_000
            builder.add(3, at: 2000, result: .unfinished)
            let recording = try builder.recording()
            let text = recording.shown("perfetto")
            #expect(text.contains(#""cat": "unfinished", "ts": 1.000, "dur": 49.000"#), "\(text)")
            let lane = try #require(Timeline(recording).lanes.first)
            #expect(lane.busy.reduce(0, +) > 48_000)
            #expect(lane.unfinished == 19)
        }

        @Test func `the picture is XML with a lane for each call of each vCPU`() throws {
            let text = try Self.sample.recording().shown("svg")
            let parser = XMLParser(data: Data(text.utf8))
            let reader = Reader()
            parser.delegate = reader
            #expect(parser.parse(), "\(String(describing: parser.parserError))")
            #expect(reader.texts.contains("vCPU 0") && reader.texts.contains("vCPU 1"))
            #expect(reader.texts.contains("<&\"\\?"))
            for name in TraceBuilder.hvtCalls.map({ $0.name }) where name != "NET_WRITE" {
                #expect(name.hasPrefix("<") || reader.texts.contains(name), "\(name)")
            }
            #expect(!reader.texts.contains("NET_WRITE"))
            #expect(reader.root == "svg" && reader.rectangles > 20)
            #expect(
                reader.titles.contains { $0.wholeMatch(of: /POLL from .* [mun]s: .* us/) != nil })
            #expect(
                reader.titles.contains { $0.wholeMatch(of: /BLOCK_READ at .*: 1 failed/) != nil })
            #expect(
                reader.titles.contains { $0.wholeMatch(of: /PUTS from .*: not finished/) != nil })
        }

        private final class Reader: NSObject, XMLParserDelegate {
            var root = ""
            var texts: [String] = []
            var rectangles = 0
            /// What is shown of the element under the pointer.
            var titles: [String] = []
            private var text = ""

            func parser(
                _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
                qualifiedName: String?, attributes: [String: String]
            ) {
                if root.isEmpty { root = name }
                if name == "rect" { rectangles += 1 }
                text = ""
            }

            func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

            func parser(
                _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
                qualifiedName: String?
            ) {
                if name == "text" { texts.append(text) }
                if name == "title" { titles.append(text) }
            }
        }

        @Test func `the timeline spreads calls over the columns that they lasted`() throws {
            var builder = TraceBuilder()
            builder.header.endMonotonic = 1000 + 999_999
            builder.add(2, at: 1000 + 10_500, host: 3000)
            builder.add(1, sequence: 1, at: 1000 + 500_100, host: 200)
            let timeline = try Timeline(builder.recording())
            #expect(timeline.step == 1000)
            #expect(timeline.lanes.map { $0.row } == [0, 1])
            #expect(timeline.lanes[1].busy[9...14] == [0, 500, 1000, 1000, 500, 0])
            #expect(timeline.lanes[0].busy.reduce(0, +) == 200)
            #expect(timeline.lanes[0].busy[500] == 200)
        }

        @Test(
            arguments: [
                (0, 0), (1, 0), (2, 1), (1023, 9), (1024, 10), (UInt64.max, 63),
            ] as [(UInt64, Int)])
        func `buckets are powers of two`(duration: UInt64, bucket: Int) {
            #expect(Histogram.bucket(duration) == bucket)
        }

        @Test(
            arguments: [
                (0, "0 ns"), (9999, "9999 ns"), (10_000, "10.0 us"), (9_999_999, "9999.9 us"),
                (10_000_000, "10.0 ms"), (12_345_678_901, "12.3 s"),
                (UInt64.max, "18446744073.7 s"),
            ] as [(UInt64, String)])
        func `durations keep their digits`(duration: UInt64, text: String) {
            #expect(Format.duration(duration) == text)
        }

        @Test(
            arguments: [
                (0, ["0"]), (7, ["0", "1 ns", "2 ns", "3 ns", "4 ns", "5 ns", "6 ns", "7 ns"]),
                (1_234_567, ["0", "0.2 ms", "0.4 ms", "0.6 ms", "0.8 ms", "1 ms", "1.2 ms"]),
                (480_000_000, (0...9).map { $0 == 0 ? "0" : "\($0 * 50) ms" }),
                (10_000_000_000, (0...10).map { $0 == 0 ? "0" : "\($0) s" }),
                (.max, (0...9).map { $0 == 0 ? "0" : "\($0 * 2)000000000 s" }),
            ] as [(UInt64, [String])])
        func `scales have round times and one unit`(length: UInt64, labels: [String]) {
            #expect(Format.ticks(upTo: length).map { $0.label } == labels)
        }

        @Test func `numbers get their zeros`() {
            #expect(Format.seconds(1) == "0.000000001")
            #expect(Format.seconds(12_000_000_034) == "12.000000034")
            #expect(Format.scaled(.max, of: .max, to: 1000) == 1000)
            #expect(Format.scaled(1, of: 0, to: 1000) == 0)
            #expect(Format.share(0, of: 0) == "-")
        }
    }
#endif
