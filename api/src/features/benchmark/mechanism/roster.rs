//! The clients that a release may count, and where the releases of the window counted them. No values: the decision what
//! to publish cannot depend on them.

use super::{
    past::{Closing, Past, Place},
    pseudonym::{Pseudonym, Unit, keyed},
    rule::WINDOW,
    tree::{Node, Tree},
};
use std::collections::{BTreeMap, BTreeSet};

/// A client, by its place in the list of those present.
pub type Client = u32;

/// The clients of a release.
pub struct Roster {
    pub tree: Tree,
    /// Number of units.
    pub units: usize,
    /// Clients that contribute, in the order of their pseudonyms.
    pub present: Vec<Present>,
    /// Present clients that no release of the window counted.
    pub newcomers: Vec<Client>,
    /// Clients that the window counted, grouped by their atoms.
    pub blocks: Vec<Block>,
    /// Number of clients that the window counted.
    pub known: usize,
    /// Number of these that are absent.
    pub gone: usize,
}

/// A client that contributes.
pub struct Present {
    pub pseudonym: Pseudonym,
    pub unit: u32,
    /// The deepest node on its path.
    pub leaf: Node,
    /// Its atom in the previous release. None if that release did not count it.
    pub last: Option<Node>,
}

/// Clients with the same atoms over the releases before this one.
#[derive(Default)]
pub struct Block {
    /// Present clients, in the order in which companions are chosen.
    pub present: Vec<Client>,
    /// Units of the absent clients.
    pub absent: Vec<u32>,
}

/// A client in the releases of the window.
#[derive(Default)]
struct Known<'a> {
    /// Its place in each release that counted it, oldest first. An erased client keeps only the path of its atom.
    places: [Option<&'a Place>; WINDOW - 1],
    /// Its atoms.
    atoms: [Option<Node>; WINDOW - 1],
    client: Option<Client>,
}

fn known<'a>(tree: &Tree, window: &'a [Past]) -> BTreeMap<Pseudonym, Known<'a>> {
    let mut known: BTreeMap<Pseudonym, Known<'a>> = BTreeMap::new();
    for (at, past) in window.iter().enumerate() {
        for counted in &past.counted {
            let known = known.entry(counted.place.pseudonym).or_default();
            known.places[at] = Some(&counted.place);
            known.atoms[at] = tree.find(counted.node());
        }
    }
    known
}

impl Known<'_> {
    fn moved(&self, to: &Place, fleeting: usize) -> bool {
        let stays =
            |from: &Place| from.unit == to.unit && from.path.get(fleeting..) == to.path.get(fleeting..);
        self.places.iter().flatten().any(|from| !stays(from))
    }
    fn unit(&self) -> Option<Unit> {
        self.places.iter().flatten().next().map(|place| place.unit)
    }
}

impl Roster {
    /// The roster of a release to which clients at these places contribute. A client whose place is not the one in the
    /// window is absent.
    pub fn new(closing: &Closing, places: &[&Place]) -> Self {
        let Closing { key, window, fleeting, .. } = *closing;
        let counted = || window.iter().flat_map(|past| &past.counted);
        let tree = Tree::new(
            places.iter().map(|place| &place.path[..]).chain(counted().map(|counted| counted.node())),
        );
        let units: BTreeSet<Unit> = places
            .iter()
            .map(|place| place.unit)
            .chain(counted().map(|counted| counted.place.unit))
            .collect();
        let units: BTreeMap<Unit, u32> = units.into_iter().zip(0..).collect();
        let mut known = known(&tree, window);

        let mut places = places.to_vec();
        places.sort_by_key(|place| place.pseudonym);
        let (mut present, mut newcomers) = (vec![], vec![]);
        for place in places {
            let client = Client::try_from(present.len()).expect("a network has fewer clients");
            let mut last = None;
            match known.get_mut(&place.pseudonym) {
                Some(known) if known.moved(place, fleeting) => continue,
                Some(known) => {
                    known.client = Some(client);
                    last = window.len().checked_sub(1).and_then(|at| known.atoms[at]);
                }
                None => newcomers.push(client),
            }
            let leaf = tree.find(&place.path).expect("the tree has all paths");
            let (pseudonym, unit) = (place.pseudonym, units[&place.unit]);
            present.push(Present { pseudonym, unit, leaf, last });
        }
        let mut blocks: BTreeMap<_, Block> = BTreeMap::new();
        for known in known.values() {
            let block = blocks.entry(known.atoms).or_default();
            match known.client {
                Some(client) => block.present.push(client),
                None => block.absent.extend(known.unit().map(|unit| units[&unit])),
            }
        }
        let order: Vec<[u8; 32]> =
            present.iter().map(|client| keyed(key, b"companion", &client.pseudonym.0)).collect();
        let mut blocks: Vec<Block> = blocks.into_values().collect();
        for block in &mut blocks {
            block.present.sort_by_key(|client| order[*client as usize]);
        }
        let gone = blocks.iter().map(|block| block.absent.len()).sum();
        let known = known.len();
        Roster { known, gone, tree, units: units.len(), present, newcomers, blocks }
    }
}
