//! The classification of a new network: the sections of the UK Standard Industrial Classification 2007, and the size bands
//! of the European Commission's recommendation 2003/361/EC.

use super::rules::band_key;
use chrono::{DateTime, Utc};
use entity::{
    Id,
    classification::{self, ClassificationKind},
    client::SizeBand,
    network,
};
use sea_orm::Iterable;

const SECTIONS: [(&str, &str); 21] = [
    ("A", "Agriculture, forestry and fishing"),
    ("B", "Mining and quarrying"),
    ("C", "Manufacturing"),
    ("D", "Electricity, gas, steam and air conditioning supply"),
    ("E", "Water supply, sewerage, waste management and remediation"),
    ("F", "Construction"),
    ("G", "Wholesale and retail trade; repair of motor vehicles"),
    ("H", "Transportation and storage"),
    ("I", "Accommodation and food service"),
    ("J", "Information and communication"),
    ("K", "Financial and insurance"),
    ("L", "Real estate"),
    ("M", "Professional, scientific and technical"),
    ("N", "Administrative and support services"),
    ("O", "Public administration and defence; social security"),
    ("P", "Education"),
    ("Q", "Human health and social work"),
    ("R", "Arts, entertainment and recreation"),
    ("S", "Other services"),
    ("T", "Households as employers"),
    ("U", "Extraterritorial organisations"),
];

/// The entries of a new network. `id` makes an ID for each.
pub fn new_entries(
    network: Id<network::Entity>,
    at: DateTime<Utc>,
    mut id: impl FnMut() -> Id<classification::Entity>,
) -> Vec<classification::Model> {
    let industries = SECTIONS
        .iter()
        .map(|(key, label)| (ClassificationKind::Industry, (*key).to_owned(), (*label).to_owned()))
        .zip(1..);
    let bands = SizeBand::iter()
        .map(|band| (ClassificationKind::SizeBand, band_key(band), band_label(band).to_owned()))
        .zip(1..);
    industries
        .chain(bands)
        .map(|((kind, key, label), position)| classification::Model {
            id: id(),
            network_id: network,
            kind,
            key,
            label,
            position,
            created_at: at,
            retired_at: None,
            version: 1,
        })
        .collect()
}

fn band_label(band: SizeBand) -> &'static str {
    match band {
        SizeBand::Micro => "Fewer than 10 people",
        SizeBand::Small => "10 to 49 people",
        SizeBand::Medium => "50 to 249 people",
        SizeBand::Large => "250 to 999 people",
        SizeBand::Enterprise => "1,000 or more people",
    }
}
