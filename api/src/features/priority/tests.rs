use super::rules::{
    MAX_PER_CYCLE, MAX_PER_STAGE, Step, next_rank, next_status, reorder, require_room_for_owner,
    require_room_in_stage, require_room_to_commit,
};
use crate::{features::priority::limits::PriorityLimits, kernel::Code};
use chrono::{DateTime, NaiveDate};
use entity::{
    Id,
    member::{self, MemberStatus},
    priority::{
        self,
        PriorityStatus::{self, *},
    },
};
use sea_orm::Iterable;
use uuid::Uuid;

/// Lists the status after each step; `None` if the step is refused.
#[test]
fn each_status_allows_exactly_the_listed_steps() {
    let steps = [Step::Update, Step::Rank, Step::Commit, Step::Achieve, Step::Miss, Step::Drop, Step::Reopen];
    #[rustfmt::skip]
    let table = [
        (Proposed,  [Some(Proposed),  Some(Proposed),  Some(Committed), None,           None,         Some(Dropped), None]),
        (Committed, [Some(Committed), Some(Committed), None,            Some(Achieved), Some(Missed), Some(Dropped), None]),
        (Achieved,  [None,            None,            None,            None,           None,         None, Some(Committed)]),
        (Missed,    [None,            None,            None,            None,           None,         None, None]),
        (Dropped,   [None,            None,            None,            None,           None,         None, None]),
    ];
    assert_eq!(PriorityStatus::iter().count(), table.len());
    for (status, results) in table {
        for (step, result) in steps.into_iter().zip(results) {
            assert_eq!(next_status(status, step).ok(), result, "{step:?} from {status:?}");
        }
    }
}

#[test]
fn reordering_keeps_ranks_counting_from_one_without_gaps() {
    let ranked = |ranks: &[i32]| -> Vec<priority::Model> {
        ranks.iter().map(|rank| priority(rank.unsigned_abs().into(), *rank)).collect()
    };
    let (one_to_four, gaps) = (ranked(&[1, 2, 3, 4]), ranked(&[2, 5, 9]));
    for (rows, id, to, changes) in [
        (&one_to_four, 1, Some(1), vec![]),
        (&one_to_four, 1, Some(3), vec![(2, 1), (3, 2), (1, 3)]),
        (&one_to_four, 4, Some(1), vec![(4, 1), (1, 2), (2, 3), (3, 4)]),
        (&one_to_four, 2, Some(4), vec![(3, 2), (4, 3), (2, 4)]),
        (&one_to_four, 2, None, vec![(3, 2), (4, 3)]),
        (&one_to_four, 4, None, vec![]),
        (&gaps, 9, Some(1), vec![(9, 1), (5, 3)]),
        (&gaps, 5, None, vec![(2, 1), (9, 2)]),
    ] {
        let got = reorder(rows, id_of(id), to).expect("a place");
        let got: Vec<_> = got.into_iter().map(|(row, rank)| (row.id, rank)).collect();
        let changes: Vec<_> = changes.into_iter().map(|(id, rank)| (id_of(id), rank)).collect();
        assert_eq!(got, changes, "{id} to {to:?}");
    }
    for to in [i32::MIN, 0, 5] {
        assert!(reorder(&one_to_four, id_of(1), Some(to)).is_err(), "{to}");
    }
    assert_eq!(next_rank(&[]), Ok(1));
    assert_eq!(next_rank(&one_to_four), Ok(5));
    assert!(next_rank(&vec![priority(1, 1); MAX_PER_CYCLE]).is_err());
}

#[test]
fn a_refused_commitment_names_the_committed_priorities() {
    let (ada, ben) = (member(1, "Ada"), member(2, "Ben"));
    let limits = PriorityLimits { team: 3, leader: 2 };
    let of = |owner: &member::Model, id: u128| priority::Model {
        owner_id: owner.id,
        title: format!("Priority {id}"),
        ..priority(id, 1)
    };
    let (one, two, three) = (of(&ada, 1), of(&ada, 2), of(&ben, 3));
    let refusals = |committed: &[&priority::Model], owner: &member::Model| {
        let committed: Vec<_> = committed.iter().map(|row| (*row).clone()).collect();
        require_room_to_commit(&committed, limits, owner).err().unwrap_or_default()
    };
    assert!(refusals(&[], &ada).is_empty());
    assert!(refusals(&[&one], &ada).is_empty());
    assert!(refusals(&[&one, &two], &ben).is_empty());
    let full = refusals(&[&one, &two], &ada);
    assert_eq!(full.len(), 1);
    assert!(full[0].message.starts_with("Ada may own 2"), "{}", full[0].message);
    assert!(full[0].message.contains("“Priority 1”, “Priority 2”"), "{}", full[0].message);
    let full = refusals(&[&one, &two, &three], &ben);
    assert_eq!(full.len(), 1);
    assert!(full[0].message.contains("“Priority 1”, “Priority 2”, “Priority 3”"), "{}", full[0].message);
    assert_eq!(refusals(&[&one, &two, &three], &ada).len(), 2);
    assert!(full.iter().all(|refusal| refusal.code == Code::LimitReached));
    let moved =
        require_room_for_owner(&[one, two], limits, &ada, "input.ownerId").err().map(|refusal| refusal.path);
    assert_eq!(moved, Some(vec!["input".to_owned(), "ownerId".to_owned()]));
}

#[test]
fn a_stage_has_a_maximum_number_of_priorities() {
    assert_eq!(require_room_in_stage(MAX_PER_STAGE - 1), Ok(()));
    assert!(require_room_in_stage(MAX_PER_STAGE).is_err());
}

fn id_of<N>(number: u128) -> Id<N> {
    Id::new(Uuid::from_u128(number))
}

fn member(id: u128, name: &str) -> member::Model {
    member::Model {
        id: id_of(id),
        network_id: id_of(0),
        client_id: id_of(0),
        team_id: id_of(0),
        person_id: None,
        name: name.into(),
        job_title: String::new(),
        email: None,
        status: MemberStatus::Active,
        created_at: DateTime::UNIX_EPOCH,
        removed_at: None,
        version: 1,
    }
}

fn priority(id: u128, rank: i32) -> priority::Model {
    priority::Model {
        id: id_of(id),
        network_id: id_of(0),
        client_id: id_of(0),
        team_id: id_of(0),
        stage_run_id: None,
        decision_id: None,
        target_id: None,
        owner_id: id_of(0),
        cycle_id: id_of(0),
        cycle: "2026-Q1".into(),
        title: String::new(),
        outcome: String::new(),
        rank,
        status: Committed,
        due_on: NaiveDate::default(),
        due_at: DateTime::UNIX_EPOCH,
        committed_at: None,
        closed_at: None,
        reason: None,
        carried_from_id: None,
        added_after_lock: false,
        dropped_after_lock: false,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}
