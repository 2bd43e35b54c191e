//! Who may be counted in a release, and what the window holds of whom: all that deciding needs, and no values.

use super::{
    past::{Closing, Past, Place},
    pseudonym::{Pseudonym, Unit, keyed},
    rule::WINDOW,
    tree::{Node, Tree},
};
use std::collections::{BTreeMap, BTreeSet};

/// A client, by its place in the list of those present.
pub type Client = u32;

/// The people of a release.
pub struct Roster {
    pub tree: Tree,
    /// How many units there are.
    pub units: usize,
    /// Those present, in the order of their pseudonyms.
    pub present: Vec<Present>,
    /// Those present whom no release of the window counted: the newcomers, and those who wait.
    pub newcomers: Vec<Client>,
    /// Everyone whom the window counted, by their atoms in it.
    pub blocks: Vec<Block>,
    /// Which nodes the previous release published.
    pub standing: Vec<bool>,
}

/// A client that contributes.
pub struct Present {
    pub pseudonym: Pseudonym,
    pub unit: u32,
    /// The deepest node on its path.
    pub leaf: Node,
}

/// Clients with the same atoms over the releases before this one.
#[derive(Default)]
pub struct Block {
    /// In the order in which they would leave as companions.
    pub present: Vec<Client>,
    /// The units of those who are gone.
    pub absent: Vec<u32>,
}

/// What the window holds of one client.
#[derive(Default)]
struct Known<'a> {
    /// Its place in each release that counted it, oldest first. What is erased keeps no more of it than its atom.
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
    /// The roster of a release to which these contribute. Whoever does from another place than the window knows of is
    /// absent.
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
            match known.get_mut(&place.pseudonym) {
                Some(known) if known.moved(place, fleeting) => continue,
                Some(known) => known.client = Some(client),
                None => newcomers.push(client),
            }
            let leaf = tree.find(&place.path).expect("the tree has all paths");
            present.push(Present { pseudonym: place.pseudonym, unit: units[&place.unit], leaf });
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
        let mut standing = vec![false; tree.len()];
        for path in window.last().iter().flat_map(|past| &past.published) {
            if let Some(node) = tree.find(path) {
                standing[node as usize] = true;
            }
        }
        Roster { tree, units: units.len(), present, newcomers, blocks, standing }
    }
}
