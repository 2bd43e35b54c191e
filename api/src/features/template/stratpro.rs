//! StratPro, the programme that ships built in: six connected stages, each building on the last.

use entity::stage_criterion::CriterionKind::{self, *};

/// A programme as data, from which a template version can be made.
pub struct Blueprint {
    pub name: &'static str,
    pub summary: &'static str,
    pub priorities_per_team: i32,
    pub priorities_per_leader: i32,
    pub cadence_days: i32,
    pub stages: &'static [Stage],
}

/// A stage as the programme plans it.
pub struct Stage {
    pub title: &'static str,
    pub purpose: &'static str,
    pub planned_days: i32,
    pub criteria: &'static [Criterion],
}

/// What must be so before a stage can be passed.
pub struct Criterion {
    pub kind: CriterionKind,
    pub quantity: i32,
    pub text: &'static str,
}

const fn criterion(kind: CriterionKind, quantity: i32, text: &'static str) -> Criterion {
    Criterion { kind, quantity, text }
}

/// The reference programme.
pub const STRATPRO: Blueprint = Blueprint {
    name: "StratPro",
    summary: "Six connected stages that take a leadership team from shared intent to a rhythm of execution: few \
              priorities, one named owner for each outcome, and regular review.",
    priorities_per_team: 5,
    priorities_per_leader: 2,
    cadence_days: 14,
    stages: &[
        Stage {
            title: "Align",
            purpose: "Put the whole strategy on one page that every leader reads the same way: where we play, how \
                      we win, and what we have agreed to stop.",
            planned_days: 21,
            criteria: &[
                criterion(SessionsHeld, 1, "An alignment workshop was held."),
                criterion(
                    Confirmed,
                    0,
                    "Every leader has put the one page into their own words, and they agree.",
                ),
                criterion(Confirmed, 0, "Open disagreements are named, and each has a date to be settled."),
            ],
        },
        Stage {
            title: "Vision",
            purpose: "Say what the organisation is for, what it will have become, the values it acts on and the \
                      culture that makes both believable.",
            planned_days: 28,
            criteria: &[
                criterion(SessionsHeld, 1, "A vision workshop was held."),
                criterion(Confirmed, 0, "The vision is written in words that a new starter understands."),
                criterion(
                    Confirmed,
                    0,
                    "Each value names behaviour that is welcome and behaviour that is not.",
                ),
            ],
        },
        Stage {
            title: "Diagnose",
            purpose: "Look at the evidence together: the gaps between today and the vision, the challenges in the \
                      way, and the opportunities worth the effort.",
            planned_days: 28,
            criteria: &[
                criterion(SessionsHeld, 1, "A diagnosis workshop was held."),
                criterion(
                    Confirmed,
                    0,
                    "Gaps, challenges and opportunities are ranked, with the evidence for each.",
                ),
            ],
        },
        Stage {
            title: "Plan",
            purpose: "Turn the diagnosis into a clear, prioritised roadmap: few priorities, one owner each, and \
                      outcomes that can be measured.",
            planned_days: 28,
            criteria: &[
                criterion(SessionsHeld, 1, "A planning workshop was held."),
                criterion(PrioritiesCommitted, 3, "At least three priorities are committed."),
                criterion(ActionsAccepted, 5, "At least five actions were accepted by their owners."),
                criterion(Confirmed, 0, "The roadmap fits the people and the money that there are."),
            ],
        },
        Stage {
            title: "Execute",
            purpose: "Get things done by proven processes: visible actions, honest dates, and follow-up sessions \
                      that hold each owner to account.",
            planned_days: 182,
            criteria: &[
                criterion(SessionsHeld, 3, "At least three follow-up sessions were held."),
                criterion(
                    ActionsDone,
                    8,
                    "Every action of the stage's priorities is closed, at least eight of them done.",
                ),
                criterion(Confirmed, 0, "The team runs its follow-up without being chased."),
            ],
        },
        Stage {
            title: "Optimise",
            purpose: "Keep improving performance: learn from what worked, remove what slows the team down, and set \
                      the next cycle's priorities on evidence.",
            planned_days: 91,
            criteria: &[
                criterion(SessionsHeld, 2, "At least two reviews were held."),
                criterion(
                    Confirmed,
                    0,
                    "What was learned is written down, and the way of working has changed.",
                ),
            ],
        },
    ],
};
