#if Net
    import ABI
    import CLinux
    import Foundation
    import Linux
    import TestSupport
    import Testing

    @testable import Tender

    /// Interfaces on sockets that have paths.
    @Suite struct UnixOptionTests {
        let directory: TemporaryDirectory

        init() throws {
            // As the tender does.
            _ = linux_ignore_signal(SIGPIPE)
            directory = try TemporaryDirectory()
        }

        private var path: String { directory.path("net") }

        /// A socket of the test's at the path.
        private func bound(_ type: __socket_type) throws -> FileDescriptor {
            let file = try FileDescriptor(
                owning: socket(AF_UNIX, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0))
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let size = socklen_t(MemoryLayout<sockaddr_un>.size)
            guard linux_bind(file.number, &address, size) == 0 else { throw Errno.current }
            if type != SOCK_DGRAM { #expect(listen(file.number, 1) == 0) }
            return file
        }

        private func accepted(_ listener: borrowing FileDescriptor) throws -> FileDescriptor {
            try FileDescriptor(
                owning: linux_accept(listener.number, Int32(SOCK_CLOEXEC.rawValue)))
        }

        @Test(arguments: [false, true]) func aSocketOfAStream(setsMTU: Bool) throws {
            let listener = try bound(SOCK_STREAM)
            let guest = try Guest(["net:eth": "unix:\(path)\(setsMTU ? ",mtu=9000" : "")"])
            let peer = try accepted(listener)
            #expect(guest.launch.devices[1].mtu == (setsMTU ? 9000 : 1500))
            #expect(guest.launch.devices[1].mac[0] & 3 == 2)
            #expect(guest.launch.pollSet.members.map(\.isSocket) == [true])
            try guest.fill(frame(60))
            #expect(try guest.write(60) == HVT_RESULT_OK)
            var bytes = [UInt8](repeating: 0, count: 100)
            #expect(read(peer.number, &bytes, 100) == 64)
            #expect(Array(bytes.prefix(64)) == [0, 0, 0, 60] + frame(60))
            let answer = [0, 0, 0, 61] + frame(61)
            #expect(write(peer.number, answer, answer.count) == 65)
            #expect(try guest.read() == .init(result: HVT_RESULT_OK, count: 61))
            #expect(try guest.bytes(61) == frame(61))
            #expect(try guest.read().result == HVT_RESULT_AGAIN)
        }

        @Test func aSocketOfPackets() throws {
            let listener = try bound(SOCK_SEQPACKET)
            let guest = try Guest(["net:eth": "unix:\(path)"])
            let peer = try accepted(listener)
            #expect(write(peer.number, frame(61), 61) == 61)
            #expect(try guest.read() == .init(result: HVT_RESULT_OK, count: 61))
        }

        /// The peer answers the address from which it gets a frame.
        @Test func aSocketOfDatagrams() throws {
            let peer = try bound(SOCK_DGRAM)
            let guest = try Guest(["net:eth": "unix:\(path)"])
            try guest.fill(frame(60))
            #expect(try guest.write(60) == HVT_RESULT_OK)
            var bytes = [UInt8](repeating: 0, count: 100)
            #expect(read(peer.number, &bytes, 100) == 60)
            var address = sockaddr_un()
            var size = socklen_t(MemoryLayout<sockaddr_un>.size)
            let own = guest.launch.pollSet.members[0].descriptor
            #expect(linux_socket_name(own, &address, &size) == 0)
            #expect(linux_connect(peer.number, &address, size) == 0)
            #expect(write(peer.number, frame(61), 61) == 61)
            #expect(try guest.read() == .init(result: HVT_RESULT_OK, count: 61))
        }

        /// To the guest, its interface is down: no error, and nothing to receive.
        @Test func thePeerHasGone() throws {
            let listener = try bound(SOCK_STREAM)
            let guest = try Guest(["net:eth": "unix:\(path)"])
            do { _ = try accepted(listener) }
            try guest.fill(frame(60))
            for _ in 0..<3 {
                #expect(try guest.write(60) == HVT_RESULT_OK)
                #expect(try guest.read().result == HVT_RESULT_AGAIN)
            }
        }

        @Test func refusesWhatIsNotThere() {
            let error = refusal(["net:eth": "unix:\(path)"])
            #expect(
                error?.text
                    == "Could not attach interface: unix:\(path): No such file or directory")
            #expect(error?.hint?.contains("no process listens there") == true)
        }

        @Test func refusesAFile() throws {
            try directory.write([], to: "net")
            #expect(
                refusal(["net:eth": "unix:\(path)"])?.text
                    == "Could not attach interface: unix:\(path): Connection refused")
        }

        @Test(arguments: [
            ("unix:", "No such file or directory"), ("unix:x,mtu=abc", "malformed sub-option"),
            ("unix:x,mtu=67", "malformed sub-option: mtu=67"),
            ("unix:x,mtu", "malformed sub-option: mtu="),
            ("unix:x,tcp=80", "'tcp' is none of mtu="),
            ("unix:" + String(repeating: "x", count: 108), "File name too long"),
        ])
        func refuses(_ value: String, _ cause: String) {
            let error = refusal(["net:eth": value])
            #expect(error?.text.contains(": \(cause)") == true, "\(String(describing: error))")
        }
    }
#endif
