import Programs
import Tender

extension OptionSpecification {
    /// The option as help texts show it: `--name:NAME=VALUE`.
    var form: String { DescribedOption(self).form }
}
