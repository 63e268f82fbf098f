extension KnownModule {
    public func isBuiltIn(_ modules: [RegisteredModule]) -> Bool {
        modules.contains { $0.manifest.name == name }
    }
}

extension [KnownModule] {
    /// The message if no module in this build can run a guest.
    public func absence(for image: any GuestImage) -> String {
        let plural = count == 1 ? "" : "s"
        return "\(image.file.path): this is a \(image.kind) guest; "
            + "this pinnace was built without module\(plural) "
            + map { $0.name }.joined(separator: ", ")
            + " (trait\(plural) \(map { $0.trait }.joined(separator: ",")))"
    }
}
