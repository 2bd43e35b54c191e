//! Fifteen months of one leadership team, as the product is meant to be used: all six stages of StratPro, from the
//! first workshop in March 2026 to the end of the programme in May 2027, told as a diary. At the end of each quarter
//! the portfolio's row, and at the end of the story every review, drift signal and count and the whole timeline, are
//! those that the rules give by hand.
//!
//! The team is Lena, its sponsor Sami, Quentin, who has no login, and Ada, Ben and Cai. They are in London, whose
//! clocks change three times in the story. The jobs run every night.

mod expected;
mod story;
mod timeline;
mod year_one;
mod year_two;

use crate::{
    kit::{assert_counts, verify_chains},
    scenario,
};
use story::Story;

scenario! {
    async fn a_team_keeps_its_strategy_alive(world: World) {
        let mut story = Story::begins(&world);
        year_one::programme_starts(&mut story).await;
        year_one::align(&mut story).await;
        expected::in_march(&story).await;
        year_one::vision(&mut story).await;
        year_one::diagnose(&mut story).await;
        year_one::diagnose_again(&mut story).await;
        year_one::plan(&mut story).await;
        expected::in_june(&story).await;
        year_one::july(&mut story).await;
        year_one::august(&mut story).await;
        year_one::september(&mut story).await;
        expected::in_september(&story).await;
        year_two::autumn(&mut story).await;
        year_two::pause(&mut story).await;
        expected::in_december(&story).await;
        year_two::execute_ends(&mut story).await;
        year_two::optimise(&mut story).await;
        expected::in_march_again(&story).await;
        year_two::spring(&mut story).await;
        year_two::programme_ends(&mut story).await;
        expected::at_the_end(&story).await;
        timeline::whole(&story).await;
        let behind = world.home.behind().await;
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}
