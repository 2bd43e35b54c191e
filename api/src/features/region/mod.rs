//! Region: a part of a network's territory, by a published classification.

use crate::shape;

shape! {
    /// A region of the network.
    Region of region {
        /// Its code in the classification, like `TLI`.
        code = text(Code).filter().order(),
        /// Its name.
        name = text(Name).filter().order(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
    }
}
