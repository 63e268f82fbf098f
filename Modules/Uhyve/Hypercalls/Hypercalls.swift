import Architecture
import CLinux
import GuestFiles
import Hypervisor
import Linux
import Manifests
import Rules
import Tender

/// Serves the hypercalls of all vCPUs of a guest, on the vCPU threads.
final class Hypercalls: @unchecked Sendable {
    let memory: GuestMemory
    let console: SharedConsole
    let input = StandardInput()
    let files: GuestFiles
    let arguments: GuestArguments
    private let warn: @Sendable (String) -> Void
    private let lock = Lock()
    /// Guarded by `lock`.
    private var hasWarned = false

    init(
        memory: GuestMemory, console: SharedConsole, files: GuestFiles, arguments: GuestArguments,
        warn: @escaping @Sendable (String) -> Void
    ) {
        self.memory = memory
        self.console = console
        self.files = files
        self.arguments = arguments
        self.warn = warn
    }

    /// Serves one call.
    ///
    /// - Parameters:
    ///   - argument: the call's argument or its address.
    ///   - wait: how this vCPU's thread waits for input.
    ///   - paging: reads the calling vCPU's address translation; called only if needed.
    /// - Returns: the guest's exit code if the call ends it.
    func serve(
        _ call: Call, _ argument: UInt64, _ wait: InputWait = InputWait(),
        paging: () throws(TenderError) -> AddressTranslation
    ) throws(TenderError) -> Int32? {
        let address = GuestAddress(argument)
        switch call {
        case .uart1, .serialWriteByte2: console.write([UInt8(truncatingIfNeeded: argument)])
        case .fileWrite1: try writeFile1(address, paging)
        case .fileRead1: try readFile1(address, wait, paging)
        case .fileOpen1, .fileOpen2: try openFile(call, address)
        case .fileClose1, .fileClose2: try closeFile(call, address)
        case .fileUnlink1, .fileUnlink2: try unlinkFile(call, address)
        case .fileLseek1: try seekFile1(address)
        case .serialWriteBuffer1: try writeSerial1(address)
        case .cmdsize1: try storeSizes(address)
        case .cmdval1: try storeValues(address)
        case .exit1: return try exitCode1(address)
        case .exit2: return Int32(truncatingIfNeeded: argument)
        case .fileWrite2: try writeFile2(address)
        case .fileRead2: try readFile2(address, wait)
        case .fileLseek2: try seekFile2(address)
        case .serialWriteBuffer2: try writeSerial2(address)
        case .serialReadBuffer2: try readSerial2(address, wait)
        case .getdents3: try listDirectory3(address)
        case .fileStat3: try statFile3(address)
        case .fileFstat3: try statDescriptor3(address)
        case .mkdir3: try makeDirectory3(address)
        case .netWrite1, .netRead1, .netStat1, .serialReadByte2, .sharedMemOpen3, .sharedMemClose3:
            // Reserved, or without a defined meaning, in uhyve's interface.
            break
        }
        return nil
    }

    // MARK: Parameters

    /// Copies the parameters of a call. If they are not in guest memory, neither is the result
    /// field, so the guest ends.
    @inline(__always)
    func parameters<Value: BitwiseCopyable>(
        _ type: Value.Type, of call: Call, _ address: GuestAddress
    ) throws(TenderError) -> Value {
        do throws(GuestFault) {
            return try memory.loadArgument(type, at: address)
        } catch {
            throw .failed(
                "guest fault: \(call.text): its parameters at \(address) are not in guest memory")
        }
    }

    /// Stores a result in a parameter block that was checked to be in memory.
    @inline(__always)
    func store<Value: BitwiseCopyable>(
        _ result: Value, _ address: GuestAddress, _ offset: Int32
    ) throws(TenderError) {
        try wrapping(TenderError.guest) { () throws(GuestFault) in
            try memory.store(result, at: address, offset: offset)
        }
    }

    private static let longestPath: UInt64 = 4096

    /// Loads a NUL-terminated path, without its NUL.
    ///
    /// - Parameter limit: the length in bytes, for calls that pass one.
    func path(at address: UInt64, limit: UInt64 = longestPath) throws(Errno) -> [UInt8] {
        let most = min(limit, Self.longestPath)
        let range = try memory.clamped(GuestAddress(address), upTo: most, for: .read)
        let bytes = memory.bytes(in: range)
        if let end = bytes.firstIndex(of: 0) { return Array(bytes[..<end]) }
        // The path runs past the end of memory.
        guard UInt64(bytes.count) == most else { throw Errno(EFAULT) }
        guard limit < Self.longestPath else { throw Errno(ENAMETOOLONG) }
        return bytes
    }

    // MARK: Console

    /// Writes the part of the guest's buffer that lies in guest memory to the console.
    func writeSerial(_ call: Call, _ buffer: UInt64, _ count: UInt64) {
        do throws(Errno) {
            console.write(
                try memory.clamped(GuestAddress(buffer), upTo: count, for: .read), of: memory)
        } catch {
            // Warns once, since the guest could repeat this without limit.
            lock.withLock {
                guard !hasWarned else { return }
                hasWarned = true
                warn(
                    "\(call.text): \(count) bytes at \(hexadecimal(buffer)) are not in guest "
                        + "memory; nothing is written")
            }
        }
    }
}

/// The guest's console, shared by several threads.
final class SharedConsole: @unchecked Sendable {
    private let lock = Lock()
    /// Guarded by `lock`.
    private let console: Console?

    /// - Parameter console: nil to discard all output.
    init(_ console: Console?) {
        self.console = console
    }

    func bind(in bindings: inout Bindings) {
        guard let console, console.isSocket else { return }
        bindings.bind(UhyveManifest.socketConsole, to: console.descriptorNumber)
    }

    func write(_ bytes: [UInt8]) {
        lock.withLock { console?.write(bytes) }
    }

    func write(_ range: GuestRange, of memory: GuestMemory) {
        lock.withLock { console?.write(range, of: memory) }
    }
}
