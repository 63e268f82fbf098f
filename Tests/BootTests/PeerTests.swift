import CLinux
import Foundation
import TestSupport
import Testing

@testable import BootSupport

/// Interfaces that are connected to a process by a socket, without a tap or privileges.
@Suite("Sockets as networks", .boots) struct PeerTests {
    private static let guests = ["net-echo", "hermit/net-echo-entry3", "hermit/net-echo-v3"]
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func option(_ guest: String, _ value: String) -> String {
        guest.hasPrefix("hermit/") ? "--net=\(value)" : "--net:service=\(value)"
    }

    private func start(
        _ flavour: Flavour, _ guest: String, at path: String, _ arguments: [String]
    ) throws -> ChildProcess {
        try flavour.start(
            guest, ["10.0.0.2"] + arguments, options: [option(guest, "unix:\(path)")])
    }

    @Test("A stream of frames", arguments: Flavour.built, guests)
    func stream(flavour: Flavour, guest: String) throws {
        let peer = try FramePeer(SOCK_STREAM, at: directory.path("net"))
        let child = try start(flavour, guest, at: directory.path("net"), ["count=3"])
        try peer.accept()
        #expect(try child.waitForOutput("serving"))
        // At once, so that lengths and frames come in any portions.
        for number in 1...3 as ClosedRange<UInt8> { try peer.send(echo(number)) }
        for number in 1...3 as ClosedRange<UInt8> { #expect(try peer.receive() == reply(number)) }
        let outcome = try child.wait()
        #expect(outcome.status == 0 && outcome.output.hasSuffix("SUCCESS\n"))
    }

    @Test("A frame in two halves", arguments: Flavour.built, guests)
    func halves(flavour: Flavour, guest: String) throws {
        let peer = try FramePeer(SOCK_STREAM, at: directory.path("net"))
        let child = try start(flavour, guest, at: directory.path("net"), ["count=1"])
        try peer.accept()
        #expect(try child.waitForOutput("serving"))
        let bytes = [0, 0, 0, UInt8(echo(1).count)] + echo(1)
        try peer.write(Array(bytes[..<30]))
        usleep(50_000)
        try peer.write(Array(bytes[30...]))
        #expect(try peer.receive() == reply(1))
        #expect(try child.wait().status == 0)
    }

    @Test("Packets, each a frame", arguments: Flavour.built, guests)
    func packets(flavour: Flavour, guest: String) throws {
        let peer = try FramePeer(SOCK_SEQPACKET, at: directory.path("net"))
        let child = try start(flavour, guest, at: directory.path("net"), ["count=3"])
        try peer.accept()
        #expect(try child.waitForOutput("serving"))
        for number in 1...3 as ClosedRange<UInt8> { try peer.send(echo(number)) }
        for number in 1...3 as ClosedRange<UInt8> { #expect(try peer.receive() == reply(number)) }
        #expect(try child.wait().status == 0)
    }

    /// Where answers go is told by the first frame, and the guests above send none by themselves.
    @Test("Datagrams, each a frame", arguments: Flavour.built)
    func datagrams(flavour: Flavour) throws {
        let peer = try FramePeer(SOCK_DGRAM, at: directory.path("net"))
        let child = try flavour.start(
            "bench-net", ["write", "count=1", "size=60"],
            options: ["--net:service=unix:\(directory.path("net"))"])
        #expect(try peer.receive().count == 60)
        #expect(try child.wait().status == 0)
    }

    @Test(
        "attack 26: a peer that closes in the middle of a frame", arguments: Flavour.built, guests)
    func closed(flavour: Flavour, guest: String) throws {
        let peer = try FramePeer(SOCK_STREAM, at: directory.path("net"))
        let path = directory.path("net")
        let child = try start(flavour, guest, at: path, [])
        try peer.accept()
        #expect(try child.waitForOutput("serving"))
        try peer.send(echo(1))
        #expect(try peer.receive() == reply(1))
        try peer.write([0, 0, 0, 60, 1, 2, 3])
        peer.close()
        // While the guest waits, the tender says so, once; and the guest goes on.
        let line =
            "pinnace: \(option(guest, "unix:\(path)")): it has closed the connection: "
            + "the guest's interface is down from now on\n"
        #expect(try child.waitForOutput(line))
        usleep(300_000)
        try child.send(signal: SIGTERM)
        let outcome = try child.wait()
        #expect(outcome.status == 1)
        #expect(outcome.error == line + "pinnace: Exiting on signal 15\n")
    }

    @Test("attack 26: a length that no frame has", arguments: Flavour.built, guests)
    func hostileLength(flavour: Flavour, guest: String) throws {
        let peer = try FramePeer(SOCK_STREAM, at: directory.path("net"))
        let child = try start(flavour, guest, at: directory.path("net"), [])
        try peer.accept()
        #expect(try child.waitForOutput("serving"))
        try peer.write([255, 255, 255, 255] + echo(1))
        #expect(try child.waitForOutput("it announced a frame of 4294967295 bytes"))
        try child.send(signal: SIGTERM)
        #expect(try child.wait().status == 1)
    }

    @Test("Nothing listens there", arguments: Flavour.built, ["run", "check"])
    func refused(flavour: Flavour, command: String) throws {
        let outcome = try ChildProcess.run(
            flavour.path,
            [command, "--net:service=unix:/nowhere/net", Host.guest("net-echo"), "10.0.0.2"])
        #expect(outcome.status == 1)
        #expect(
            (outcome.error + outcome.output).contains(
                "Could not attach interface: unix:/nowhere/net: No such file or directory"))
    }

    // MARK: Frames

    /// An echo request to the guest.
    private func echo(_ number: UInt8) -> [UInt8] {
        packet(
            to: [255, 255, 255, 255, 255, 255], from: [2, 0, 0, 0, 0, 1], [10, 0, 0, 1],
            [10, 0, 0, 2], [8, 0, 0xF7, 0xFF - number, 0, 0, 0, number])
    }

    /// Its answer, but for the guest's hardware address.
    private func reply(_ number: UInt8) -> [UInt8] {
        packet(
            to: [2, 0, 0, 0, 0, 1], from: [0, 0, 0, 0, 0, 0], [10, 0, 0, 2], [10, 0, 0, 1],
            [0, 0, 0xFF, 0xFF - number, 0, 0, 0, number])
    }

    private func packet(
        to: [UInt8], from: [UInt8], _ source: [UInt8], _ destination: [UInt8], _ message: [UInt8]
    ) -> [UInt8] {
        // Version 4, 28 bytes, ICMP, no checksum, which the guest does not look at.
        to + from + [8, 0, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0] + source + destination + message
    }
}

/// The process at the other end of a guest's network.
final class FramePeer {
    private let type: __socket_type
    private let socket: Descriptor
    private var connection: Descriptor?

    init(_ type: __socket_type, at path: String) throws {
        self.type = type
        socket = Descriptor(owning: try attempt { CLinux.socket(AF_UNIX, Int32(type.rawValue), 0) })
        _ = fcntl(socket.number, F_SETFD, FD_CLOEXEC)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        try attempt { linux_bind(socket.number, &address, size) }
        try limitWaiting(socket)
        if type == SOCK_DGRAM {
            connection = socket
        } else {
            try attempt { listen(socket.number, 1) }
        }
    }

    /// A test that waits in vain ends.
    private func limitWaiting(_ descriptor: Descriptor) throws {
        var time = timeval(tv_sec: 60, tv_usec: 0)
        try attempt {
            setsockopt(
                descriptor.number, SOL_SOCKET, SO_RCVTIMEO, &time,
                socklen_t(MemoryLayout<timeval>.size))
        }
    }

    func accept() throws {
        let connection = Descriptor(owning: try attempt { linux_accept(socket.number, 0) })
        _ = fcntl(connection.number, F_SETFD, FD_CLOEXEC)
        try limitWaiting(connection)
        self.connection = connection
    }

    func close() {
        connection = nil
    }

    func write(_ bytes: [UInt8]) throws {
        #expect(try connection?.write(bytes) == bytes.count)
    }

    func send(_ frame: [UInt8]) throws {
        let length = [0, 0, UInt8(frame.count >> 8), UInt8(frame.count & 255)]
        try write(type == SOCK_STREAM ? length + frame : frame)
    }

    /// The next frame, without its sender's hardware address.
    func receive() throws -> [UInt8] {
        let isStream = type == SOCK_STREAM
        let length = isStream ? try exactly(4).reduce(0) { $0 << 8 | Int($1) } : 2000
        var frame = isStream ? try exactly(length) : try connection?.read(upTo: length) ?? []
        try #require(frame.count >= 14)
        for index in 6..<12 { frame[index] = 0 }
        return frame
    }

    private func exactly(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try connection?.read(upTo: count - bytes.count) ?? []
            try #require(!more.isEmpty, "the guest sends nothing")
            bytes += more
        }
        return bytes
    }
}
