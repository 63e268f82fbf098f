// The heap of the release flavour. The C library of that one, musl, takes each page of small objects
// from the kernel by mmap(2) and gives it back by munmap(2), some 80 times during a launch, and both
// would have to be allowed for all time. This heap only grows, by brk(2). In a static program, functions of
// these names take the place of the C library's, for libseccomp and zlib as well.
#if hasFeature(Embedded)
    import CLinux

    private enum Allocator {
        /// What the kernel is asked for at a time, in bytes. What was never touched takes up no memory.
        private static let step: UInt = 128 << 10

        // Only touched while the mutex is held.
        private nonisolated(unsafe) static var heap = BlockHeap(start: 0, end: 0)
        private nonisolated(unsafe) static var mutex = pthread_mutex_t()

        static func withHeap<Value>(_ body: (inout BlockHeap) -> Value) -> Value {
            // Never destroyed, and what is done inside takes no other lock.
            unsafe _ = pthread_mutex_lock(&mutex)
            defer { unsafe _ = pthread_mutex_unlock(&mutex) }
            return unsafe body(&heap)
        }

        /// - Returns: an object's address; or 0, and ENOMEM in errno.
        static func allocate(_ count: UInt, alignment: UInt = 16) -> UInt {
            withHeap { heap in
                if heap.end != 0, let object = heap.allocate(count, alignment: alignment) {
                    return object
                }
                if heap.end != 0 || begin(&heap),
                    let end = heap.end(for: count, alignment: alignment),
                    grow(&heap, to: end),
                    let object = heap.allocate(count, alignment: alignment)
                {
                    return object
                }
                linux_set_errno(ENOMEM)
                return 0
            }
        }

        private static func begin(_ heap: inout BlockHeap) -> Bool {
            let start = (linux_move_heap_end(0) + 15) & ~15
            var new = BlockHeap(start: start, end: start)
            guard grow(&new, to: start + BlockHeap.leastCount) else { return false }
            heap = new
            return true
        }

        /// - Returns: whether the kernel gives so much, or has.
        private static func grow(_ heap: inout BlockHeap, to end: UInt) -> Bool {
            guard end > heap.end else { return true }
            // Wherever the heap begins, it grows at the same times.
            let more = (end - heap.end + step - 1) / step * step
            let (wanted, overflow) = heap.end.addingReportingOverflow(more)
            guard !overflow else { return false }
            // The kernel returns where the end is then.
            heap.end = max(heap.end, linux_move_heap_end(wanted))
            return heap.end >= end
        }

        /// Gives the kernel back what nothing is in.
        static func tidy() {
            let page: UInt = 4096
            withHeap { heap in
                heap.tidy { range in
                    let start = (range.lowerBound + page - 1) & ~(page - 1)
                    let end = range.upperBound & ~(page - 1)
                    if start < end { linux_drop_pages(start, Int(end - start)) }
                }
            }
        }

        static func release(_ object: UInt) {
            if object != 0 { withHeap { $0.release(object) } }
        }

        static func resize(_ object: UInt, to count: UInt) -> UInt {
            guard object != 0 else { return allocate(count) }
            let room = withHeap { heap in
                heap.room(at: object) >= count || heap.extend(object, to: count)
                    ? UInt.max : heap.room(at: object)
            }
            if room == .max { return object }
            let other = allocate(count)
            if other != 0 {
                copy(object, to: other, count: room)
                release(object)
            }
            return other
        }

        /// Between two objects of at least so many bytes.
        private static func copy(_ object: UInt, to other: UInt, count: UInt) {
            unsafe _ = memcpy(
                UnsafeMutableRawPointer(bitPattern: other), UnsafeRawPointer(bitPattern: object),
                Int(count))
        }

        static func zero(_ object: UInt, count: UInt) {
            // The caller has just got that much.
            unsafe _ = memset(UnsafeMutableRawPointer(bitPattern: object), 0, Int(count))
        }
    }

    extension Heap {
        /// Gives the kernel back what nothing is in.
        public static func tidy() { Allocator.tidy() }
    }

    @_cdecl("heap_allocate")
    public func allocateObject(_ count: UInt) -> UInt { Allocator.allocate(count) }

    @_cdecl("calloc")
    public func allocateZeros(_ number: UInt, _ count: UInt) -> UInt {
        let (total, overflow) = number.multipliedReportingOverflow(by: count)
        let object = Allocator.allocate(overflow ? .max : total)
        if object != 0 { Allocator.zero(object, count: total) }
        return object
    }

    @_cdecl("realloc")
    public func resizeObject(_ object: UInt, _ count: UInt) -> UInt {
        Allocator.resize(object, to: count)
    }

    @_cdecl("aligned_alloc")
    public func allocateAligned(_ alignment: UInt, _ count: UInt) -> UInt {
        Allocator.allocate(count, alignment: alignment)
    }

    @_cdecl("posix_memalign")
    public func allocateAligned(
        _ object: UnsafeMutablePointer<UInt>, _ alignment: UInt, _ count: UInt
    ) -> Int32 {
        // The caller's variable.
        unsafe object.pointee = Allocator.allocate(count, alignment: alignment)
        return unsafe object.pointee == 0 ? ENOMEM : 0
    }

    @_cdecl("heap_release")
    public func releaseObject(_ object: UInt) { Allocator.release(object) }
#else
    import CLinux

    extension Heap {
        /// Gives the kernel back what nothing is in.
        public static func tidy() { _ = malloc_trim(0) }
    }
#endif
