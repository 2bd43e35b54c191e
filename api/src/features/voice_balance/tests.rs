use super::rules::{count_inputs, voice_balance, voters};
use entity::{Id, dot_ballot};
use uuid::Uuid;

fn of<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

#[test]
fn the_balance_is_one_minus_the_normalised_gini_coefficient() {
    for (counts, balance) in [
        (&[][..], None),
        (&[3, 3, 3, 3], None),
        (&[0, 0, 0, 0, 0], None),
        (&[3, 3, 3, 3, 3], Some(100)),
        (&[7, 0, 0, 0, 0], Some(0)),
        (&[0, 0, 7, 0, 0, 0, 0, 0], Some(0)),
        // G = 0.4, so G* = 0.5
        (&[1, 2, 3, 4, 0], Some(50)),
        (&[0, 1, 2, 3, 4], Some(50)),
        // one of five gave nothing: G = 0.2, so G* = 0.25, and 75 is rounded up
        (&[2, 2, 2, 2, 0], Some(80)),
        (&[4, 4, 4, 4, 0], Some(80)),
    ] {
        assert_eq!(voice_balance(counts), balance, "{counts:?}");
    }
}

#[test]
fn inputs_are_counted_for_each_participant() {
    let people = [of(1), of(2), of(3)];
    // the fourth has left
    assert_eq!(count_inputs(&people, &[of(1), of(4), of(1), of(3)]), [2, 0, 1]);
    let ballot = |vote: u128, person: u128, option: u128| dot_ballot::Model {
        id: of(100 * vote + 10 * person + option),
        network_id: of(0),
        client_id: of(0),
        team_id: of(0),
        person_id: of(person),
        vote_id: of(vote),
        option_id: of(option),
        dots: 1,
        version: 1,
    };
    let ballots = [ballot(1, 1, 1), ballot(1, 1, 2), ballot(1, 2, 1), ballot(2, 1, 3)];
    assert_eq!(voters(&ballots), [of(1), of(2), of(1)]);
}
