import Linux
import Programs
import Sandbox
import Tender

extension Sandbox {
    public var launchLock: LaunchLock {
        LaunchLock(
            closeInherited: { (image, options) throws(TenderError) in
                try reporting { () throws(SandboxError) in
                    try closeInherited(but: image, options)
                }
            },
            confine: { (confinement) throws(TenderError) in
                try reporting { () throws(SandboxError) in try confine(confinement) }
            },
            close: { (confinement) throws(TenderError) in
                try reporting { () throws(SandboxError) in try close(confinement) }
            })
    }

    private func reporting(_ body: () throws(SandboxError) -> Void) throws(TenderError) {
        try wrapping({ TenderError.failed(text(of: $0)) }, body)
    }
}
