import TestSupport
import Testing

@testable import Linux

@Suite("A heap of blocks")
struct BlockHeapTests {
    private static let count = 4 << 20

    /// A heap in memory of its own. A class, since expectations call no mutating functions of structs.
    private final class Heap {
        private var heap: BlockHeap
        private let memory: UnsafeMutableRawPointer

        init() {
            memory = .allocate(byteCount: BlockHeapTests.count, alignment: 16)
            memory.initializeMemory(as: UInt8.self, repeating: 0, count: BlockHeapTests.count)
            let start = UInt(bitPattern: memory)
            heap = BlockHeap(start: start, end: start + UInt(BlockHeapTests.count))
        }

        deinit { memory.deallocate() }

        var top: UInt { heap.top }

        var end: UInt {
            get { heap.end }
            set { heap.end = newValue }
        }

        func allocate(_ count: UInt, alignment: UInt = 16) -> UInt? {
            heap.allocate(count, alignment: alignment)
        }

        func end(for count: UInt) -> UInt? { heap.end(for: count, alignment: 16) }

        func release(_ object: UInt) { heap.release(object) }

        func room(at object: UInt) -> UInt { heap.room(at: object) }

        func extend(_ object: UInt, to count: UInt) -> Bool { heap.extend(object, to: count) }

        /// Writes over all that is dropped.
        func tidy() -> [Range<UInt>] {
            var dropped: [Range<UInt>] = []
            heap.tidy { dropped.append($0) }
            for range in dropped {
                UnsafeMutableRawBufferPointer(
                    start: UnsafeMutableRawPointer(bitPattern: range.lowerBound), count: range.count
                ).initializeMemory(as: UInt8.self, repeating: 0)
            }
            return dropped
        }
    }

    private func bytes(_ object: UInt, _ count: UInt) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(
            start: UnsafeMutableRawPointer(bitPattern: object), count: Int(count))
    }

    @Test("What is released is used again before anything new is")
    func reuse() throws {
        let heap = Heap()
        let first = try #require(heap.allocate(100))
        let second = try #require(heap.allocate(100))
        let top = heap.top
        heap.release(first)
        #expect(heap.allocate(97) == first)
        #expect(heap.top == top)
        heap.release(second)
        #expect(heap.top < top, "the last block is as if it had never been")
    }

    @Test(
        "Objects have as much room as they asked for, where they asked for it",
        arguments: [
            0, 1, 8, 9, 24, 25, 1016, 1017, 1272, 1273, 4096, 65536, 262_144, 500_000,
        ] as [UInt])
    func room(count: UInt) throws {
        let heap = Heap()
        for alignment in [1, 16, 32, 64, 4096] as [UInt] {
            let object = try #require(heap.allocate(count, alignment: alignment))
            #expect(object % max(alignment, 16) == 0)
            let room = heap.room(at: object)
            #expect(room >= count)
            // No block is a quarter larger than it must be, besides what alignment takes.
            #expect(room <= (count + alignment + 32) * 5 / 4)
            #expect(object + room <= heap.end)
        }
    }

    @Test("The last object grows in place, and others do not")
    func growth() throws {
        let heap = Heap()
        let first = try #require(heap.allocate(40))
        #expect(heap.extend(first, to: 5000))
        #expect(heap.room(at: first) >= 5000)
        let second = try #require(heap.allocate(8))
        #expect(second >= first + 5000)
        #expect(!heap.extend(first, to: 9000))
        #expect(!heap.extend(second, to: UInt(Self.count)), "there is not that much")
        #expect(!heap.extend(second, to: .max))
    }

    @Test("A range that is too short gives nothing, and more once it is longer")
    func shortage() throws {
        let heap = Heap()
        let end = heap.end
        heap.end = heap.top + 1000
        #expect(heap.allocate(2000) == nil)
        let needed = try #require(heap.end(for: 2000))
        heap.end = needed
        #expect(heap.allocate(2000) != nil)
        heap.end = end
        #expect(heap.allocate(.max) == nil)
        #expect(heap.allocate(.max - 8, alignment: 4096) == nil)
        #expect(heap.end(for: .max) == nil)
    }

    @Test("No object touches another one, whatever is allocated, resized and released")
    func model() throws {
        var random = SeededGenerator(state: 0x9E37_79B9_7F4A_7C15)
        for _ in 0..<20 {
            let heap = Heap()
            var objects: [(address: UInt, count: UInt, mark: UInt8)] = []
            for step in 0..<4000 {
                if step % 1000 == 999 {
                    _ = heap.tidy()
                }
                if objects.count > 40 || (!objects.isEmpty && random.next() % 3 == 0) {
                    let index = Int(random.next() % UInt64(objects.count))
                    let object = objects[index]
                    #expect(
                        bytes(object.address, object.count).allSatisfy { $0 == object.mark })
                    let larger = object.count + UInt(random.next() % 300)
                    if random.next() % 4 == 0, heap.extend(object.address, to: larger) {
                        objects[index].count = larger
                        bytes(object.address, larger).initializeMemory(
                            as: UInt8.self, repeating: object.mark)
                    } else {
                        heap.release(object.address)
                        objects.swapAt(index, objects.count - 1)
                        objects.removeLast()
                    }
                } else {
                    let count = UInt(random.next() % (1 << (random.next() % 16)))
                    let alignment = UInt(1) << UInt(random.next() % 13)
                    let address = try #require(heap.allocate(count, alignment: alignment))
                    let mark = UInt8(truncatingIfNeeded: step)
                    bytes(address, count).initializeMemory(as: UInt8.self, repeating: mark)
                    objects.append((address, count, mark))
                }
            }
            for object in objects {
                #expect(bytes(object.address, object.count).allSatisfy { $0 == object.mark })
                heap.release(object.address)
            }
        }
    }

    @Test("What is tidied has fewer blocks, which are as good as before, and all objects")
    func tidied() throws {
        let heap = Heap()
        let first = heap.top
        var objects: [UInt] = []
        for _ in 0..<1000 { objects.append(try #require(heap.allocate(40))) }
        for (index, object) in objects.enumerated() {
            bytes(object, 40).initializeMemory(as: UInt8.self, repeating: UInt8(index & 0xFF))
        }
        // Three long runs, one of them at the end, and many that are as short as an object.
        let kept = objects.indices.filter { $0 < 100 ? $0 % 2 == 0 : $0 == 500 || $0 == 800 }
        for index in objects.indices where !kept.contains(index) {
            heap.release(objects[index])
        }
        let dropped = heap.tidy()
        #expect(dropped.last?.upperBound == heap.end)
        #expect(heap.top < objects[801] && heap.top > objects[800])
        for index in kept {
            #expect(bytes(objects[index], 40).allSatisfy { $0 == UInt8(index & 0xFF) })
        }
        let top = heap.top
        let large = try #require(heap.allocate(15000))
        #expect(large < top, "there was no such block, but room for it")
        for _ in 0..<49 { _ = heap.allocate(40) }
        #expect(heap.top == top, "the short ones are still there")
        heap.release(large)
        for index in kept { heap.release(objects[index]) }
        _ = heap.tidy()
        #expect(heap.top > first)
    }

    @Test("A heap without objects is as new when it is tidied")
    func empty() throws {
        let heap = Heap()
        let first = heap.top
        let objects = try (0..<100 as Range<UInt>).map {
            try #require(heap.allocate($0 * $0, alignment: 64))
        }
        for object in objects { heap.release(object) }
        _ = heap.tidy()
        #expect(heap.top == first)
        #expect(heap.allocate(1) == first + 8)
    }

    @Test("Releasing twice, or what is no object, ends the process")
    func misuse() async {
        await #expect(processExitsWith: .failure) {
            BlockHeapTests().misuse { heap, object in
                heap.release(object)
                heap.release(object)
            }
        }
        await #expect(processExitsWith: .failure) {
            BlockHeapTests().misuse { heap, object in heap.release(object + 16) }
        }
        await #expect(processExitsWith: .failure) {
            BlockHeapTests().misuse { heap, object in
                // What overruns an object first meets the next one's word.
                BlockHeapTests().bytes(object, 64).initializeMemory(as: UInt8.self, repeating: 0x41)
                heap.release(object + 64)
            }
        }
    }

    private func misuse(_ body: (Heap, UInt) -> Void) {
        let heap = Heap()
        guard let object = heap.allocate(48),
            heap.allocate(48) == object + 64
        else { return }
        body(heap, object)
    }
}
