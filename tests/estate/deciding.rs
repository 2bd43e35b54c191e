//! What a team decides, what hinders it, and how far it agrees.

use super::{Plot, add, day, name};
use concord::kernel::Write;
use entity::{
    Id, alignment_answer, alignment_measure, alignment_response, alignment_round,
    alignment_round::AlignmentDisclosure, alignment_round::AlignmentStatus, alignment_statement,
    alignment_voice, decision, decision::DecisionStatus, decision_option, decision_read_back,
    decision_restatement, member, obstacle, obstacle::ObstacleStatus, session, stage_run,
};

pub async fn decision(
    write: &Write,
    plot: &Plot,
    status: DecisionStatus,
    of: Option<(Id<session::Entity>, Id<stage_run::Entity>)>,
) -> Id<decision::Entity> {
    let id = write.id();
    let row = decision::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        stage_run_id: of.map(|of| of.1),
        session_id: of.map(|of| of.0),
        obstacle_id: None,
        supersedes_id: None,
        owner_id: Some(plot.owner),
        title: name(write, "Decision"),
        text: "We serve three markets".into(),
        rationale: "Ten were too many".into(),
        status,
        review_on: Some(day(write.now(), 90)),
        wording: 1,
        stances: 1,
        reopenings: 0,
        read_back: 0,
        matching: 0,
        differing: 0,
        proposed_at: write.now(),
        ratified_at: (status == DecisionStatus::Ratified).then(|| write.now()),
        ended_at: None,
        reason: None,
        version: 1,
    };
    add::<decision::Entity>(write, row).await;
    id
}

/// The first option of a decision.
pub async fn option(write: &Write, plot: &Plot, of: Id<decision::Entity>) -> Id<decision_option::Entity> {
    let id = write.id();
    let row = decision_option::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        decision_id: of,
        position: 1,
        text: "Three markets".into(),
        chosen: false,
    };
    add::<decision_option::Entity>(write, row).await;
    id
}

/// What the plot's owner read back of a decision, and is not judged.
pub async fn read_back(
    write: &Write,
    plot: &Plot,
    of: Id<decision::Entity>,
) -> Id<decision_read_back::Entity> {
    let owner = write.find::<member::Entity>(plot.owner).await.expect("a look").expect("the owner");
    let id: Id<decision_read_back::Entity> = write.id();
    let own = decision_restatement::Model {
        id: Id::new(id.uuid()),
        network_id: plot.network,
        client_id: plot.client,
        person_id: owner.person_id.unwrap_or(plot.person),
        decision_id: of,
        member_id: plot.owner,
        text: "We drop seven markets".into(),
        status: decision_restatement::ReadBackStatus::Waiting,
        note: String::new(),
        written_at: write.now(),
        judged_at: None,
        version: 1,
    };
    let shown = decision_read_back::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        decision_id: of,
        member_id: plot.owner,
        text: own.text.clone(),
        status: own.status,
        note: String::new(),
        judged_by_id: None,
        written_at: write.now(),
        judged_at: None,
        version: 1,
    };
    add::<decision_restatement::Entity>(write, own).await;
    add::<decision_read_back::Entity>(write, shown).await;
    id
}

pub async fn obstacle(write: &Write, plot: &Plot, status: ObstacleStatus) -> Id<obstacle::Entity> {
    let id = write.id();
    let row = obstacle::Model {
        id,
        network_id: plot.network,
        client_id: plot.client,
        team_id: plot.team,
        priority_id: None,
        session_id: None,
        raised_by_id: Some(plot.owner),
        title: name(write, "Obstacle"),
        detail: "Nobody says so".into(),
        severity: obstacle::Severity::High,
        status,
        raised_at: write.now(),
        discussed_at: write.now(),
        discussions: 0,
        prioritised_at: None,
        resolved_at: None,
        reason: None,
        version: 1,
    };
    add::<obstacle::Entity>(write, row).await;
    id
}

/// A round of one statement that the owner of the work answered, where they sign in; else someone of the franchise.
/// The ids of the round, its statement, and what hangs below.
#[expect(clippy::too_many_lines, reason = "a row of each of a round's tables")]
pub async fn alignment(write: &Write, plot: &Plot, status: AlignmentStatus) -> [String; 6] {
    let (network_id, client_id, team_id) = (plot.network, plot.client, plot.team);
    let (now, revealed) = (write.now(), status == AlignmentStatus::Revealed);
    let owner = write.find::<member::Entity>(plot.owner).await.expect("a look").expect("the owner");
    let person_id = owner.person_id.unwrap_or(plot.person);
    let round = alignment_round::Model {
        id: write.id(),
        network_id,
        client_id,
        team_id,
        session_id: None,
        compared_id: None,
        title: name(write, "Round"),
        status,
        disclosure: revealed.then_some(AlignmentDisclosure::Attributed),
        closes_on: None,
        closes_at: None,
        answered: 1,
        counting: 1,
        members: 3,
        opened_at: now,
        sealed_at: (status != AlignmentStatus::Open).then_some(now),
        revealed_at: revealed.then_some(now),
        ratings: None,
        level: None,
        agreement: None,
        version: 1,
    };
    let statement = alignment_statement::Model {
        id: write.id(),
        network_id,
        client_id,
        team_id,
        round_id: round.id,
        position: 1,
        text: "We finish what we begin".into(),
        low: 1,
        high: 5,
        core: true,
        mean: revealed.then(|| "4.0".to_owned()),
        band: None,
        consensus_percent: None,
        mean_before: None,
        band_before: None,
    };
    let response = alignment_response::Model {
        id: write.id(),
        network_id,
        client_id,
        team_id,
        person_id,
        round_id: round.id,
        member_id: plot.owner,
        consented: true,
        answered_at: now,
        version: 1,
    };
    let answer = alignment_answer::Model {
        id: write.id(),
        network_id,
        client_id,
        team_id,
        person_id,
        round_id: round.id,
        response_id: response.id,
        statement_id: statement.id,
        rating: 4,
        version: 1,
    };
    let voice = alignment_voice::Model {
        id: write.id(),
        network_id,
        client_id,
        team_id,
        round_id: round.id,
        statement_id: statement.id,
        member_id: plot.owner,
        rating: 4,
    };
    let measure = alignment_measure::Model {
        id: write.id(),
        network_id,
        client_id,
        team_id,
        person_id,
        round_id: round.id,
        respondents: 4,
        members: 4,
        level: 7_500,
        agreement: 9_000,
    };
    let ids = [round.id.to_string(), statement.id.to_string(), response.id.to_string()];
    let more = [answer.id.to_string(), voice.id.to_string(), measure.id.to_string()];
    add::<alignment_round::Entity>(write, round).await;
    add::<alignment_statement::Entity>(write, statement).await;
    add::<alignment_response::Entity>(write, response).await;
    add::<alignment_answer::Entity>(write, answer).await;
    if revealed {
        add::<alignment_voice::Entity>(write, voice).await;
        add::<alignment_measure::Entity>(write, measure).await;
    }
    let [round, statement, response] = ids;
    let [answer, voice, measure] = more;
    [round, statement, response, answer, voice, measure]
}
