/// How often a vCPU stopped, and for what. Its thread alone writes them.
struct ExitCounts {
    /// By the number of the hypercall.
    private(set) var calls: [(number: Int32, count: UInt64)] = []
    /// For anything else.
    private(set) var others: UInt64 = 0

    mutating func count(call number: Int32) {
        if let index = calls.firstIndex(where: { $0.number == number }) {
            calls[index].count &+= 1
        } else {
            calls.append((number, 1))
        }
    }

    mutating func countOther() {
        others &+= 1
    }
}
