//! `concord benchmark replay FILE`: closes the releases of a history in a file, one after another, exactly as production
//! does. Others can check the output with a verifier of their own.
//!
//! Input: `{"profile":"standard","key":"<hex>","releases":[{"clients":[{"id","facilitator","path","value"}, …]}, …]}`, values
//! in basis points. A client keeps its `id` in all releases. A client that a release does not list is absent. A client
//! whose facilitator or path changes since it was last counted has left. It is counted again, as a newcomer, when no
//! release of the window has its former place. `"fleeting":1` beside the releases says that the first value of each path
//! changes by itself, as the stage does in the family of stages; such a change is no move.
//!
//! Output: `{"releases":[{"published":[{"path","members","p25","p50","p75","band"}, …]}, …]}` on one line, with `p10` and
//! `p90` for sets of 30 and more. Paths and members are sorted; the root's path is empty.

use super::{
    past::{Closing, Contribution, Past, Place},
    pseudonym::{Pseudonym, Unit, keyed},
    quantile::WHOLE,
    release::{Cohort, Release, close},
    rule::{Profile, WINDOW},
    verify::verify,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{collections::BTreeMap, collections::BTreeSet};

/// Faults that one refusal lists at most.
const MOST_FAULTS: usize = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    profile: String,
    key: String,
    #[serde(default)]
    fleeting: usize,
    #[serde(borrow)]
    releases: Vec<Period<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Period<'a> {
    /// The clients as JSON text: a fault in one of them can then name it.
    #[serde(borrow)]
    clients: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Client {
    id: String,
    facilitator: String,
    path: Vec<String>,
    value: i64,
}

#[derive(Serialize)]
struct Output {
    releases: Vec<PublishedRelease>,
}

#[derive(Serialize)]
struct PublishedRelease {
    published: Vec<PublishedCohort>,
}

#[derive(Serialize)]
struct PublishedCohort {
    path: Vec<String>,
    members: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p10: Option<u16>,
    p25: u16,
    p50: u16,
    p75: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    p90: Option<u16>,
    band: &'static str,
}

/// What the releases of a file publish, or the faults of the file.
pub fn replay(text: &str) -> Result<String, String> {
    let file: File =
        serde_json::from_str(text).map_err(|error| format!("the file is not a history: {error}"))?;
    let (profile, key) = check(&file)?;
    let mut history: Vec<Past> = vec![];
    let mut releases = vec![];
    for (number, period) in file.releases.iter().enumerate() {
        let fault = |error: String| format!("releases[{number}]: {error}");
        let clients = read(number, period, &mut vec![]);
        let contributions: Vec<Contribution> =
            clients.iter().map(|client| contribution(&key, client)).collect();
        let window = &history[history.len().saturating_sub(WINDOW - 1)..];
        let release_key = keyed(&key, b"release", &(number as u64).to_be_bytes());
        let fleeting = file.fleeting;
        let closing = Closing { key: &release_key, profile, contributions: &contributions, fleeting, window };
        let release = close(&closing).map_err(|error| fault(error.to_string()))?;
        let mut sets: Vec<_> = window.iter().map(Past::sets).collect();
        sets.push(release.sets());
        if let Some(violation) = verify(profile, &sets).first() {
            return Err(fault(format!("the verifier rejects this release: {violation}")));
        }
        releases.push(published(&release, &contributions, &clients));
        history.push(release.past);
    }
    serde_json::to_string(&Output { releases }).map_err(|error| error.to_string())
}

/// The profile and the key, if the file has no fault.
fn check(file: &File) -> Result<(Profile, Vec<u8>), String> {
    let mut faults = vec![];
    let profile = Profile::named(&file.profile);
    if profile.is_none() {
        let names = Profile::ALL.map(Profile::name).join(", ");
        faults.push(format!("profile: {:?} is not one of {names}", file.profile));
    }
    let key = hex::decode(&file.key).ok().filter(|key| !key.is_empty());
    if key.is_none() {
        faults.push("key: must be hexadecimal, two digits a byte".to_owned());
    }
    let mut length = None;
    for (number, period) in file.releases.iter().enumerate() {
        for client in read(number, period, &mut faults) {
            let length = *length.get_or_insert(client.path.len());
            if client.path.len() != length {
                let at = format!("releases[{number}], client {:?}", client.id);
                faults.push(format!("{at}: its path has {} values, others have {length}", client.path.len()));
            }
        }
    }
    let more = faults.len().saturating_sub(MOST_FAULTS);
    if more > 0 {
        faults.truncate(MOST_FAULTS);
        faults.push(format!("and {more} more"));
    }
    match (profile, key) {
        (Some(profile), Some(key)) if faults.is_empty() => Ok((profile, key)),
        _ => Err(faults.join("\n")),
    }
}

/// The clients of a release without faults.
fn read(number: usize, period: &Period, faults: &mut Vec<String>) -> Vec<Client> {
    let mut ids = BTreeSet::new();
    let mut clients = vec![];
    for (index, raw) in period.clients.iter().enumerate() {
        let client = match serde_json::from_str::<Client>(raw.get()) {
            Ok(client) => client,
            Err(error) => {
                let error = error.to_string();
                let error = error.split(" at line ").next().unwrap_or_default();
                faults.push(format!("releases[{number}].clients[{index}]{}: {error}", named(raw)));
                continue;
            }
        };
        let mut fault =
            |wrong: &str| faults.push(format!("releases[{number}], client {:?}: {wrong}", client.id));
        if !ids.insert(client.id.clone()) {
            fault("it is listed twice");
        } else if !(0..=i64::from(WHOLE)).contains(&client.value) {
            fault(&format!("its value {} is outside 0..={WHOLE}", client.value));
        } else {
            clients.push(client);
        }
    }
    clients
}

/// The ID of a client with invalid JSON fields, if its ID can be read.
fn named(raw: &RawValue) -> String {
    let value: Option<serde_json::Value> = serde_json::from_str(raw.get()).ok();
    let id = value.as_ref().and_then(|value| value.get("id")?.as_str());
    id.map_or_else(String::new, |id| format!(", client {id:?}"))
}

fn contribution(key: &[u8], client: &Client) -> Contribution {
    Contribution {
        place: Place {
            pseudonym: Pseudonym::of(key, client.id.as_bytes()),
            unit: Unit::of(key, client.facilitator.as_bytes()),
            path: client.path.clone(),
        },
        // `read` keeps only values from 0 to `WHOLE`
        value: u16::try_from(client.value).unwrap_or(WHOLE),
    }
}

fn published(release: &Release, contributions: &[Contribution], clients: &[Client]) -> PublishedRelease {
    let ids: BTreeMap<Pseudonym, &str> = contributions
        .iter()
        .zip(clients)
        .map(|(contribution, client)| (contribution.place.pseudonym, client.id.as_str()))
        .collect();
    let cohort = |cohort: &Cohort| {
        let mut members: Vec<String> = cohort
            .members
            .iter()
            .filter_map(|(member, _)| ids.get(member))
            .map(|id| (*id).to_owned())
            .collect();
        members.sort_unstable();
        let figures = cohort.figures;
        PublishedCohort {
            path: cohort.path.clone(),
            members,
            p10: figures.deciles.map(|(low, _)| low),
            p25: figures.p25,
            p50: figures.p50,
            p75: figures.p75,
            p90: figures.deciles.map(|(_, high)| high),
            band: cohort.band.name(),
        }
    };
    PublishedRelease { published: release.cohorts.iter().map(cohort).collect() }
}
