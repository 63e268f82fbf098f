import TestSupport
import Testing

@testable import HVT
@testable import Tender

typealias Part = ELFBuilder.Part
typealias GuestPart = ELFBuilder.GuestPart

let mebibyte: UInt64 = 1 << 20

/// What opening `elf` complains about, and then laying it out in `memory` bytes; nil if nothing.
func problem(
    with elf: ELFBuilder, memory: UInt64 = 16 * mebibyte
) throws -> ImageError.Problem? {
    let directory = try TemporaryDirectory()
    let path = try elf.write(to: directory)
    do throws(ImageError) {
        _ = try HVTImage(path: path).segments(memorySize: memory)
        return nil
    } catch {
        #expect(error.path == path)
        return error.problem
    }
}

/// As `problem`, of a file with these bytes.
func problem(withFile bytes: [UInt8]) throws -> ImageError.Problem? {
    let directory = try TemporaryDirectory()
    let path = try directory.write(bytes, to: "guest.hvt")
    do throws(ImageError) {
        _ = try HVTImage(path: path)
        return nil
    } catch {
        return error.problem
    }
}

/// The segments of `elf` in `memory` bytes.
func segments(of elf: ELFBuilder, memory: UInt64 = 16 * mebibyte) throws -> [Segment] {
    let directory = try TemporaryDirectory()
    return try HVTImage(path: elf.write(to: directory)).segments(memorySize: memory)
}
