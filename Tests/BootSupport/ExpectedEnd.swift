/// How a tender must end, and what it must have written.
struct ExpectedEnd: Sendable {
    var status: Int32
    var output: Text
    /// Standard error.
    var error: Text = .nothing
    /// Whether all is told that is told of a failed guest, and not only why it failed.
    var hasReport = false

    /// A text that is expected.
    enum Text: Sendable {
        case nothing
        case anything
        case exactly(String)
        case containing([String])
        /// A regular expression for all of it.
        case matching(String)
        /// A complaint of the tender's: one line, the program's name and this.
        case line(String)
        /// The same, this being a part of the line.
        case lineWith(String)
    }

    /// The guest says that it is content.
    static func success(_ output: Text = .containing(["SUCCESS\n"]), error: Text = .nothing) -> Self
    {
        Self(status: 0, output: output, error: error)
    }

    /// The tender gives up, before the guest has said a word.
    static func refusal(_ error: Text) -> Self {
        Self(status: 1, output: .nothing, error: error)
    }

    /// All that is not as expected.
    ///
    /// - Parameter program: the name that complaints begin with.
    func objections(
        status: Int32?, output: String, error: String, program: String
    ) -> [String] {
        var objections: [String] = []
        if status != self.status {
            objections.append("status \(status.map { "\($0)" } ?? "none"), not \(self.status)")
        }
        if !self.output.fits(withoutReports(output), program) {
            objections.append("output:\n\(output)\nnot: \(self.output)")
        }
        if !self.error.fits(withoutReports(error), program) {
            objections.append("error output:\n\(error)\nnot: \(self.error)")
        }
        return objections
    }

    /// Without what is told of a failed guest besides why it failed, for which there are other
    /// tests.
    private func withoutReports(_ text: String) -> String {
        hasReport ? text : text.replacing(Self.report, with: "")
    }

    private nonisolated(unsafe) static let report =
        // swift-format-ignore
        #/(?m)^  (address 0x.*: |at 0x|called from 0x|the image was |(rax|rsi|r8 |r12|rip|x\d |x\d\d|pc ) [0-9a-f]{16}).*\n/#
}

extension ExpectedEnd.Text {
    func fits(_ text: String, _ program: String) -> Bool {
        switch self {
        case .nothing: text.isEmpty
        case .anything: true
        case .exactly(let expected): text == expected
        case .containing(let parts): parts.allSatisfy { text.contains($0) }
        case .matching(let pattern): (try? Regex(pattern).wholeMatch(in: text)) ?? nil != nil
        case .line(let line): text == "\(program): \(line)\n"
        case .lineWith(let part):
            text.hasPrefix("\(program): ") && text.hasSuffix("\n")
                && text.dropLast().allSatisfy { !$0.isNewline } && text.contains(part)
        }
    }
}
