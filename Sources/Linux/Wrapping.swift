/// Does `body`; its error becomes the one that `wrap` makes of it.
@inline(__always)
public func wrapping<Value: ~Copyable, Cause: Error, Failure: Error>(
    _ wrap: (Cause) -> Failure, _ body: () throws(Cause) -> Value
) throws(Failure) -> Value {
    do throws(Cause) {
        return try body()
    } catch {
        throw wrap(error)
    }
}
