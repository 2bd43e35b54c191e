//! Titles and outcomes: the vocabulary's sentences with the client's own words in their places.

use super::{
    making::Making,
    sketch::NetworkShape,
    vocabulary::{
        foundations::STAGE_ACTIONS,
        priorities::{DAYS, DETAILS, MARKETS, THEMES},
    },
};
use std::collections::HashSet;

/// What a team's actions are called so far, so that no two are called the same.
#[derive(Default)]
pub struct Phrases {
    used: HashSet<String>,
}

/// What a priority and its actions have in common.
#[derive(Clone, Copy)]
pub struct Words {
    market: &'static str,
    system: &'static str,
}

impl Words {
    pub fn draw(making: &mut Making<'_>) -> Self {
        let systems = making.card.industry.systems;
        Words { market: making.source.pick::<&str>(MARKETS), system: making.source.pick::<&str>(systems) }
    }
}

impl Phrases {
    /// Different themes that fit the client.
    pub fn themes(making: &mut Making<'_>, count: usize) -> Vec<usize> {
        let commercial = making.card.industry.commercial;
        let mut fitting: Vec<usize> =
            (0..THEMES.len()).filter(|at| commercial || !THEMES[*at].commercial).collect();
        making.source.shuffle(&mut fitting);
        fitting.truncate(count);
        fitting
    }
    /// A priority's title and outcome.
    pub fn goal(making: &mut Making<'_>, theme: usize, words: Words) -> (String, String) {
        let (title, outcome) = *making.source.pick(THEMES[theme].goals);
        // the title and its outcome speak of the same things
        let joined = fill(making, &format!("{title}\n{outcome}"), words);
        let (title, outcome) = joined.split_once('\n').unwrap_or((title, outcome));
        (capital(title), capital(outcome))
    }
    /// An action's title.
    pub fn action(&mut self, making: &mut Making<'_>, aim: Option<(usize, Words)>, stage: usize) -> String {
        let mut title = String::new();
        // two teams may call actions the same; one team does only when it has run out of words
        for _ in 0..if making.directory.sketch.shape == NetworkShape::Grown { 40 } else { 12 } {
            let list = aim.map_or(STAGE_ACTIONS[stage], |(theme, _)| THEMES[theme].actions);
            let pattern = *making.source.pick(list);
            let words = aim.map_or_else(|| Words::draw(making), |(_, words)| words);
            title = capital(&fill(making, pattern, words));
            if self.used.insert(title.clone()) {
                return title;
            }
        }
        title
    }
    /// What stands under an action's title, often nothing.
    pub fn detail(making: &mut Making<'_>) -> String {
        let pattern = *making.source.pick(DETAILS);
        let words = Words::draw(making);
        fill(making, pattern, words)
    }
}

/// Puts words in a sentence's places, the same word wherever a place comes back.
pub fn fill(making: &mut Making<'_>, pattern: &str, words: Words) -> String {
    const FEW: &[&str] = &["two", "three", "four", "five", "six"];
    const PERCENT: &[&str] = &["5", "8", "10", "12", "15", "20", "25"];
    const MOST: &[&str] = &["70", "75", "80", "85", "90"];
    const WEEKS: &[&str] = &["4", "6", "8", "10", "12", "13"];
    let industry = making.card.industry;
    let places: [(&str, &[&str]); 11] = [
        ("{offer}", industry.offers),
        ("{customers}", industry.customers),
        ("{site}", industry.sites),
        ("{partners}", industry.partners),
        ("{system}", &[words.system]),
        ("{market}", &[words.market]),
        ("{day}", DAYS),
        ("{few}", FEW),
        ("{pct}", PERCENT),
        ("{most}", MOST),
        ("{weeks}", WEEKS),
    ];
    let mut text = pattern.to_owned();
    for (place, words) in places {
        if text.contains(place) {
            text = text.replace(place, making.source.pick::<&str>(words));
        }
    }
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
