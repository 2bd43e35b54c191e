use super::rules::{assignments_to_end, end_of, require_days, require_endable, require_facilitator};
use crate::kernel::Code;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    Id,
    assignment::{
        self,
        AssignmentPart::{self, *},
    },
    membership::{self, MembershipRole},
};
use uuid::Uuid;

fn id<E>(number: u128) -> Id<E> {
    Id::new(Uuid::from_u128(number))
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn part(person: u128, part: AssignmentPart) -> assignment::Model {
    assignment::Model {
        id: id(person),
        network_id: id(1),
        client_id: id(1),
        person_id: id(person),
        part,
        starts_at: DateTime::UNIX_EPOCH,
        ends_at: None,
        version: 1,
    }
}

fn held(role: MembershipRole, franchise: Option<u128>, client: Option<u128>) -> membership::Model {
    membership::Model {
        id: id(1),
        network_id: id(1),
        person_id: id(1),
        role,
        franchise_id: franchise.map(id),
        client_id: client.map(id),
        team_id: None,
        starts_at: DateTime::UNIX_EPOCH,
        ends_at: None,
        created_at: DateTime::UNIX_EPOCH,
        version: 1,
    }
}

/// People who can facilitate client 7 of franchise 3.
#[test]
fn facilitators_belong_to_the_franchise_and_not_to_the_client() {
    use MembershipRole::*;
    let past = |mut held: membership::Model| {
        held.ends_at = Some(now());
        held
    };
    let here = || held(Facilitator, Some(3), None);
    for (held, refusal) in [
        (vec![here()], None),
        (vec![held(FranchiseOwner, Some(3), None)], None),
        (vec![here(), held(Leader, None, Some(8))], None),
        (vec![here(), past(held(Leader, None, Some(7)))], None),
        (vec![], Some(Code::NotFound)),
        (vec![past(here())], Some(Code::OwnerNotEligible)),
        (vec![held(Facilitator, Some(4), None)], Some(Code::OwnerNotEligible)),
        (vec![held(HeadOfficeAdmin, None, None)], Some(Code::OwnerNotEligible)),
        (vec![here(), held(Leader, None, Some(7))], Some(Code::OwnerNotEligible)),
    ] {
        let code = require_facilitator(&held, id(3), id(7), now(), "input.personId").err().map(|no| no.code);
        assert_eq!(code, refusal, "{held:?}");
    }
}

/// The people whose assignments end when a person gets a part. Person 1 leads, 2 is co-facilitator and 3 observes.
#[test]
fn a_client_keeps_exactly_one_lead() {
    let open = [part(1, Lead), part(2, Co), part(3, Observer)];
    for (person, gets, ends) in [
        (4, Lead, Ok(vec![1])),
        (4, Co, Ok(vec![])),
        (4, Observer, Ok(vec![])),
        (2, Lead, Ok(vec![1, 2])),
        (3, Lead, Ok(vec![1, 3])),
        (2, Observer, Ok(vec![2])),
        (3, Co, Ok(vec![3])),
        (1, Lead, Err(Code::Taken)),
        (2, Co, Err(Code::Taken)),
        (3, Observer, Err(Code::Taken)),
        (1, Co, Err(Code::WrongState)),
        (1, Observer, Err(Code::WrongState)),
    ] {
        let answer = assignments_to_end(&open, id(person), gets, (now(), None))
            .map(|ends| ends.iter().map(|ends| ends.person_id).collect::<Vec<_>>())
            .map_err(|refusal| refusal.code);
        let ends = ends.map(|ends: Vec<u128>| ends.into_iter().map(id).collect::<Vec<_>>());
        assert_eq!(answer, ends, "{person} as {gets:?}");
    }
}

#[test]
fn a_leads_assignment_cannot_be_ended() {
    assert!(require_endable(&part(1, Lead), now()).is_err());
    assert!(require_endable(&part(1, Co), now()).is_ok());
    assert!(require_endable(&part(1, Observer), now()).is_ok());
    let ended = assignment::Model { ends_at: Some(now()), ..part(1, Co) };
    assert!(require_endable(&ended, now()).is_err());
}

/// Person 2 covers from day 10 to day 20, and may get a part at other times beside that.
#[test]
fn parts_on_other_days_stay() {
    let on = |day: i64| now() + TimeDelta::days(day);
    let cover = assignment::Model { starts_at: on(10), ends_at: Some(on(20)), ..part(2, Co) };
    let open = [part(1, Lead), cover];
    for (gets, from, to, ends) in [
        (Co, 20, Some(25), Ok(0)),
        (Co, 0, Some(10), Ok(0)),
        (Observer, 0, Some(10), Ok(0)),
        (Co, 19, Some(25), Err(Code::Taken)),
        (Co, 0, None, Err(Code::Taken)),
        (Observer, 15, None, Ok(1)),
        // whoever becomes lead covers no more, and the lead ends
        (Lead, 0, None, Ok(2)),
    ] {
        let period = (on(from), to.map(on));
        let ended = assignments_to_end(&open, id(2), gets, period).map(|rows| rows.len());
        assert_eq!(ended.map_err(|refusal| refusal.code), ends, "{gets:?} from {from} to {to:?}");
    }
}

#[test]
fn only_a_lead_has_no_days() {
    let day = |day: u32| NaiveDate::from_ymd_opt(2026, 8, day);
    for (part, starts_on, ends_on, may) in [
        (Lead, None, None, true),
        (Lead, day(3), None, false),
        (Lead, None, day(3), false),
        (Co, day(3), day(3), true),
        (Co, day(3), day(2), false),
        (Observer, None, day(14), true),
    ] {
        assert_eq!(require_days(part, starts_on, ends_on).is_ok(), may, "{part:?} {starts_on:?} {ends_on:?}");
    }
}

#[test]
fn what_ends_before_it_begins_has_no_time() {
    let on = |day: i64| now() + TimeDelta::days(day);
    let ahead = assignment::Model { starts_at: on(10), ends_at: Some(on(20)), ..part(2, Co) };
    assert_eq!(end_of(&ahead, on(0)), on(10));
    assert_eq!(end_of(&ahead, on(12)), on(12));
    let ended = assignment::Model { ends_at: Some(end_of(&ahead, on(0))), ..ahead };
    let open = [part(1, Lead), ended];
    let kept = assignments_to_end(&open, id(2), Co, (on(5), Some(on(15)))).map(|rows| rows.len());
    assert_eq!(kept, Ok(0), "the days are free again");
}
