/// The version of this program.
package let version = "0.1.0"
