//! Network: a franchise brand with a head office. It sets the policies that everyone in it works under.

use super::region::Region;
use crate::shape;

shape! {
    /// A network of franchises, with its policies.
    Network of network {
        /// Its name.
        name = text(Name),
        /// The IANA time zone of head office.
        timeZone = text(TimeZone),
        /// After how many days without a session a client counts as at risk.
        sessionGapDays = int(SessionGapDays),
        /// Whether facilitators may pass a stage whose criteria are not met, with a reason. Otherwise only franchise
        /// owners may.
        facilitatorsOverride = flag(FacilitatorsOverride),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// Its regions, by code.
        regions = list::<Region, _>(entity::region::Column::NetworkId).by(entity::region::Column::Code, Ty::Text).about(20),
    }
}
