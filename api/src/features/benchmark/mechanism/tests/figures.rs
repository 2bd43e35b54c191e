//! Quantiles, bands and positions.

use super::*;

#[test]
fn quartiles_of_the_vector() {
    let values = vec![1000, 3500, 5000, 5500, 6000, 6500, 7000, 7500, 8000, 8500, 9000, 10000];
    let figures = Figures { deciles: None, p25: 5000, p50: 7000, p75: 8500 };
    assert_eq!(Figures::of(values.clone()), Some(figures));
    let mut reversed = values;
    reversed.reverse();
    assert_eq!(Figures::of(reversed), Some(figures));
}

#[test]
fn figures_are_rounded_half_up_and_end_where_single_clients_would_show() {
    for (value, figure, text) in [
        (0, 500, "≤ 5 %"),
        (500, 500, "≤ 5 %"),
        (749, 500, "≤ 5 %"),
        (750, 1000, "10 %"),
        (5249, 5000, "50 %"),
        (5250, 5500, "55 %"),
        (9249, 9000, "90 %"),
        (9250, 9500, "≥ 95 %"),
        (10000, 9500, "≥ 95 %"),
    ] {
        let figures = Figures::of(vec![value; 12]).expect("figures");
        assert_eq!((figures.p25, figures.p50, figures.p75), (figure, figure, figure), "{value}");
        assert_eq!(shown(figure), text);
    }
}

#[test]
fn quantiles_need_neighbours() {
    let values: Vec<u16> = (0..40).map(|value| value * 250).collect();
    for (count, part, parts, known) in [
        (10, 1, 4, false),
        (11, 1, 4, true),
        (11, 3, 4, true),
        (12, 3, 4, true),
        (28, 1, 10, false),
        (29, 9, 10, true),
        (0, 1, 2, false),
        (4, 1, 2, false),
        (5, 1, 2, true),
    ] {
        assert_eq!(quantile(&values[..count], part, parts).is_some(), known, "{part}/{parts} of {count}");
    }
    assert_eq!(Figures::of(values[..29].to_vec()).map(|figures| figures.deciles), Some(None));
    // 0, 250, …, 7250: h = 3.1 and 27.9
    assert_eq!(Figures::of(values[..30].to_vec()).and_then(|figures| figures.deciles), Some((500, 6500)));
}

/// The definition again, in fractions of 120 and counted from the other side.
#[test]
fn quantiles_are_those_of_the_definition() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    for _ in 0..2_000 {
        let count = rng.random_range(12..80);
        let mut values: Vec<u16> = (0..count).map(|_| rng.random_range(0..=10_000)).collect();
        values.sort_unstable();
        for (part, parts) in [(1, 4), (1, 2), (3, 4), (1, 10), (9, 10)] {
            let h = 120 * part * (count as u64 + 1) / parts;
            let s = |i: u64| (i - 2..=i).map(|at| u64::from(values[at as usize])).sum::<u64>();
            let (low, part_of_step) = (h / 120, h % 120);
            let expected = (3 * 120 <= h && h <= 120 * (count as u64 - 2)).then(|| {
                let high = if part_of_step == 0 { low } else { low + 1 };
                let exact = s(low) * 120 + part_of_step * (s(high) - s(low));
                let over = exact % (360 * 500);
                let down = (exact - over) / 360;
                (if over * 2 >= 360 * 500 { down + 500 } else { down }).clamp(500, 9_500)
            });
            assert_eq!(
                quantile(&values, part, parts).map(u64::from),
                expected,
                "{part}/{parts} of {values:?}"
            );
        }
        let figures = Figures::of(values.clone()).expect("figures");
        assert!(figures.p25 <= figures.p50 && figures.p50 <= figures.p75);
        let last = values.len() - 1;
        (values[0], values[last]) = (0, 10_000);
        assert_eq!(Figures::of(values), Some(figures), "the ends show in no figure");
    }
}

#[test]
fn bands() {
    for (members, band) in [
        (12, "12-19"),
        (19, "12-19"),
        (20, "20-49"),
        (49, "20-49"),
        (50, "50-99"),
        (99, "50-99"),
        (100, "100+"),
        (50_000, "100+"),
    ] {
        assert_eq!(Band::of(members).name(), band);
    }
}

#[test]
fn a_position_is_a_quarter_of_what_is_published_and_ties_go_up() {
    let figures = Figures { deciles: None, p25: 5000, p50: 7000, p75: 8500 };
    for (value, quarter) in [
        (0, Quartile::Lowest),
        (4999, Quartile::Lowest),
        (5000, Quartile::Lower),
        (6999, Quartile::Lower),
        (7000, Quartile::Upper),
        (8499, Quartile::Upper),
        (8500, Quartile::Highest),
        (10000, Quartile::Highest),
    ] {
        assert_eq!(Quartile::of(value, &figures), quarter, "{value}");
    }
    let same = Figures { deciles: None, p25: 9500, p50: 9500, p75: 9500 };
    assert_eq!(Quartile::of(9499, &same), Quartile::Lowest);
    assert_eq!(Quartile::of(9500, &same), Quartile::Highest);
}

#[test]
fn all_the_same_and_far_apart_are_told_of_the_same_sets() {
    let spread = crowds(&[("a/s", &[4, 2, 2, 2, 2]), ("a/m", &[3, 3, 3, 3, 3]), ("b/s", &[1, 1])]);
    let mut same = spread.clone();
    same.iter_mut().for_each(|client| client.value = 10_000);
    let (spread, same) = (Series::default().close(&spread), Series::default().close(&same));
    assert_eq!(spread.sets(), same.sets());
    for cohort in &same.cohorts {
        let Figures { p25, p50, p75, .. } = cohort.figures;
        assert_eq!([p25, p50, p75].map(shown), ["≥ 95 %", "≥ 95 %", "≥ 95 %"]);
    }
}
