//! Names: of people, companies and practices, and the addresses made from them.

use super::{
    source::Source,
    vocabulary::{
        companies::{PRACTICES, STEMS},
        industries::Industry,
        people::{AMERICA, BRITISH_ISLES, FRANCE, IRELAND, Origin, SINGAPORE},
        places::Region,
    },
};
use std::collections::HashSet;

/// Names that are taken already.
pub type Taken = HashSet<String>;

/// The origins of people in a time zone.
pub fn origins(zone: &str) -> &'static [Origin] {
    match zone {
        "Europe/Dublin" => IRELAND,
        "Europe/Paris" => FRANCE,
        "America/New_York" => AMERICA,
        "Asia/Singapore" => SINGAPORE,
        _ => BRITISH_ISLES,
    }
}

/// A person's name that is not taken.
pub fn person(source: &mut Source, zone: &str, taken: &mut Taken) -> String {
    fresh(source, taken, |source| {
        let origin = source.weigh(origins(zone), |origin| origin.weight);
        format!("{} {}", source.pick(origin.first), source.pick(origin.last))
    })
}

/// A client's name that is not taken and fits its industry.
pub fn client(
    source: &mut Source,
    industry: &Industry,
    region: &Region,
    zone: &str,
    taken: &mut Taken,
) -> String {
    fresh(source, taken, |source| {
        let firm = source.pick(industry.firms);
        let surname = |source: &mut Source| {
            let origin = source.weigh(origins(zone), |origin| origin.weight);
            *source.pick(origin.last)
        };
        if zone != "Europe/London" {
            return format!("{} {firm}", surname(source));
        }
        match source.below(if industry.commercial { 20 } else { 12 }) {
            0..4 => format!("{} {firm}", source.pick(region.towns)),
            4..13 => format!("{} {firm}", source.pick(STEMS)),
            13..17 => format!("{} {firm}", surname(source)),
            _ => match (surname(source), surname(source)) {
                (one, other) if one == other => format!("{one} {firm}"),
                (one, other) => format!("{one} & {other} {firm}"),
            },
        }
    })
}

/// A franchise's name that is not taken.
pub fn franchise(source: &mut Source, region: &Region, taken: &mut Taken) -> String {
    fresh(source, taken, |source| {
        let practice = source.pick(PRACTICES);
        match source.below(3) {
            0 => {
                let origin = source.weigh(BRITISH_ISLES, |origin| origin.weight);
                format!("{} {practice}, {}", source.pick(origin.last), source.pick(region.towns))
            }
            _ => format!("{} {practice}", source.pick(region.towns)),
        }
    })
}

/// `Beatrice O'Neill` at `Calder Castings`: `beatrice.oneill@caldercastings.example`.
pub fn address(name: &str, at: &str) -> String {
    let local: Vec<String> = name.split(' ').map(slug).filter(|part| !part.is_empty()).collect();
    format!("{}@{}.example", local.join("."), slug(at))
}

fn slug(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Draws until a name is new; after many draws, joins two.
fn fresh(source: &mut Source, taken: &mut Taken, draw: impl Fn(&mut Source) -> String) -> String {
    let mut name = draw(source);
    for _ in 0..200 {
        if taken.insert(name.clone()) {
            return name;
        }
        name = draw(source);
    }
    while !taken.insert(name.clone()) {
        name = format!("{name} and {}", draw(source));
    }
    name
}
