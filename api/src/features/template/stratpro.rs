//! StratPro, the built-in programme: six connected stages, each of which builds on the last.

use entity::{
    stage_criterion::CriterionKind::{self, *},
    strategy_section::SectionForm::{self, Points, Swot, Targets, Text, Values},
    template_resource::ResourceKind,
};

/// A programme as data, from which template versions are made.
pub struct Blueprint {
    pub name: &'static str,
    pub summary: &'static str,
    pub priorities_per_team: i32,
    pub priorities_per_leader: i32,
    pub cadence_days: i32,
    pub stages: &'static [Stage],
    pub questionnaire: &'static [Statement],
    pub resources: &'static [Resource],
}

/// A stage of the programme.
pub struct Stage {
    pub key: &'static str,
    pub title: &'static str,
    pub purpose: &'static str,
    pub planned_days: i32,
    pub criteria: &'static [Criterion],
    pub agenda: &'static [AgendaItem],
    pub sections: &'static [Section],
}

/// An exit criterion of a stage.
pub struct Criterion {
    pub kind: CriterionKind,
    pub quantity: i32,
    pub text: &'static str,
}

/// An agenda item of a stage's sessions.
pub struct AgendaItem {
    pub title: &'static str,
    pub minutes: i32,
    pub purpose: &'static str,
}

/// A section of the strategy that teams write in a stage. Bounds are of characters for a text, otherwise of items.
pub struct Section {
    pub key: &'static str,
    pub title: &'static str,
    pub prompt: &'static str,
    pub form: SectionForm,
    pub minimum: i32,
    pub maximum: i32,
}

/// A statement that leaders rate from 1 to 5.
pub struct Statement {
    pub key: &'static str,
    pub text: &'static str,
    pub core: bool,
    pub stage: Option<&'static str>,
}

/// A resource for a stage or for the whole programme.
pub struct Resource {
    pub title: &'static str,
    pub url: &'static str,
    pub kind: ResourceKind,
    pub stage: Option<&'static str>,
}

const fn item(title: &'static str, minutes: i32, purpose: &'static str) -> AgendaItem {
    AgendaItem { title, minutes, purpose }
}

const fn section(
    key: &'static str,
    title: &'static str,
    prompt: &'static str,
    form: SectionForm,
    minimum: i32,
    maximum: i32,
) -> Section {
    Section { key, title, prompt, form, minimum, maximum }
}

const fn statement(
    key: &'static str,
    text: &'static str,
    core: bool,
    stage: Option<&'static str>,
) -> Statement {
    Statement { key, text, core, stage }
}

const fn resource(
    title: &'static str,
    url: &'static str,
    kind: ResourceKind,
    stage: Option<&'static str>,
) -> Resource {
    Resource { title, url, kind, stage }
}

const fn criterion(kind: CriterionKind, quantity: i32, text: &'static str) -> Criterion {
    Criterion { kind, quantity, text }
}

/// The built-in programme.
pub const STRATPRO: Blueprint = Blueprint {
    name: "StratPro",
    summary: "Six connected stages that take a leadership team from shared intent to a rhythm of execution: few \
              priorities, one named owner for each outcome, and regular review.",
    priorities_per_team: 5,
    priorities_per_leader: 2,
    cadence_days: 14,
    stages: &[
        Stage {
            key: "align",
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
            agenda: &[
                item(
                    "Why we are here",
                    15,
                    "Say what has to be different in a year, and what happens if it is not.",
                ),
                item(
                    "Each leader's reading",
                    45,
                    "Hear, one after the other and uninterrupted, how each leader reads the strategy today.",
                ),
                item(
                    "Where we differ",
                    40,
                    "Name the differences that matter, and who is to settle each by when.",
                ),
                item(
                    "The one page",
                    60,
                    "Write where we play, how we win and what we stop, in sentences that all of us would say.",
                ),
                item("Read-back", 20, "Let each leader say the page back in their own words."),
            ],
            sections: &[
                section(
                    "matters-most",
                    "What matters most now",
                    "What must go well in the next twelve months?",
                    Points,
                    1,
                    7,
                ),
                section(
                    "stop",
                    "What we stop",
                    "What do we no longer do, so that the rest gets done?",
                    Points,
                    1,
                    7,
                ),
            ],
        },
        Stage {
            key: "vision",
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
            agenda: &[
                item(
                    "What we are for",
                    30,
                    "Agree in one sentence whom the organisation serves and why that matters.",
                ),
                item(
                    "Three years on",
                    50,
                    "Describe what customers, people and figures will show when the vision has come true.",
                ),
                item(
                    "Values as behaviour",
                    45,
                    "For each value, name one behaviour that is welcome and one that is not.",
                ),
                item("Telling it", 25, "Decide who tells whom, in which words, within the fortnight."),
            ],
            sections: &[
                section("purpose", "Purpose", "Whom do we serve, and why does that matter?", Text, 10, 500),
                section("vision", "Vision", "What will the organisation have become?", Text, 10, 2_000),
                section("values", "Values", "What do we act on, and how does one see it?", Values, 1, 7),
                section(
                    "ten-year-target",
                    "Ten-year target",
                    "What single figure shows it in ten years?",
                    Targets,
                    1,
                    1,
                ),
                section(
                    "three-year-picture",
                    "Three-year picture",
                    "What do customers, people and figures show?",
                    Targets,
                    1,
                    12,
                ),
            ],
        },
        Stage {
            key: "diagnose",
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
            agenda: &[
                item(
                    "The evidence",
                    40,
                    "Look together at figures, customers' words and the team's own answers before anybody proposes.",
                ),
                item(
                    "Gaps to the vision",
                    40,
                    "Rank the distances between today and the vision by what they cost us.",
                ),
                item("What is in the way", 40, "Name the obstacles, those first that are usually avoided."),
                item(
                    "Opportunities worth it",
                    30,
                    "Keep the few whose effort we would spend money of our own on.",
                ),
            ],
            sections: &[
                section(
                    "swot",
                    "Strengths, weaknesses, opportunities, threats",
                    "What does the evidence say?",
                    Swot,
                    4,
                    40,
                ),
                section(
                    "gaps",
                    "Gaps",
                    "Which distances to the vision cost us most, and what shows it?",
                    Points,
                    1,
                    12,
                ),
            ],
        },
        Stage {
            key: "plan",
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
            agenda: &[
                item(
                    "What we will not do",
                    20,
                    "Strike from the list whatever would not be missed in a year.",
                ),
                item(
                    "The few priorities",
                    60,
                    "Choose and rank at most five, each with an outcome that can be measured.",
                ),
                item("One owner each", 30, "Give each priority to one leader who says yes in the room."),
                item("First actions", 40, "Write the next steps of each priority, with an owner and a date."),
                item(
                    "Can we carry it",
                    20,
                    "Hold the roadmap against the people and the money that there are.",
                ),
            ],
            sections: &[section(
                "one-year-targets",
                "One-year targets",
                "What have we reached a year from now?",
                Targets,
                1,
                7,
            )],
        },
        Stage {
            key: "execute",
            title: "Execute",
            purpose: "Get things done by proven processes: visible actions, honest dates, and follow-up sessions \
                      that hold each owner to account.",
            planned_days: 182,
            criteria: &[
                criterion(SessionsHeld, 3, "At least three follow-up sessions were held."),
                criterion(
                    ActionsDone,
                    8,
                    "At least eight actions are done, and none is overdue by more than 14 days.",
                ),
                criterion(Confirmed, 0, "The team runs its follow-up without being chased."),
            ],
            agenda: &[
                item(
                    "Promises since last time",
                    20,
                    "Go through the actions that fell due: done, or why not and what now.",
                ),
                item(
                    "Priorities at a glance",
                    20,
                    "Each owner says on track, at risk or off track, and what they need.",
                ),
                item(
                    "The hardest obstacle",
                    35,
                    "Work on the one that stops the most, until somebody owns the next step.",
                ),
                item(
                    "Decisions to take",
                    25,
                    "Take the decisions that are waiting, and write down who carries them outside.",
                ),
                item(
                    "What we promise now",
                    15,
                    "Repeat each new promise aloud, with its owner and its date.",
                ),
            ],
            sections: &[],
        },
        Stage {
            key: "optimise",
            title: "Optimise",
            purpose: "Keep improving performance: learn from what worked, remove what slows the team down, and set \
                      the next cycle's priorities on evidence.",
            planned_days: 91,
            criteria: &[
                criterion(
                    SessionsHeld,
                    2,
                    "At least two sessions were held; a review counts if it had its quorum.",
                ),
                criterion(
                    Confirmed,
                    0,
                    "What was learned is written down, and the way of working has changed.",
                ),
            ],
            agenda: &[
                item(
                    "What the cycle showed",
                    30,
                    "Compare what was promised with what was kept, without looking for the guilty.",
                ),
                item("What slowed us down", 30, "Find the two habits or rules that cost the most time."),
                item(
                    "What we change",
                    35,
                    "Decide what is changed in the way of working, and who sees to it.",
                ),
                item(
                    "The next cycle",
                    25,
                    "Set out the candidates for the next cycle's priorities, with the evidence for each.",
                ),
            ],
            sections: &[section(
                "lessons",
                "Lessons",
                "What do we do differently because of what we have learned?",
                Points,
                1,
                20,
            )],
        },
    ],
    questionnaire: &[
        statement(
            "strategy-one-page",
            "I could put our strategy on one page, and my colleagues would recognise it.",
            true,
            Some("align"),
        ),
        statement(
            "same-reading",
            "Everybody in this team reads our strategy in the same way.",
            true,
            Some("align"),
        ),
        statement(
            "said-not-shared",
            "What we agree in the room is what we say outside it.",
            true,
            Some("align"),
        ),
        statement("stopped", "I know what we have decided to stop.", false, Some("align")),
        statement(
            "vision-clear",
            "Our vision tells me which of two good options to choose.",
            true,
            Some("vision"),
        ),
        statement(
            "values-lived",
            "When somebody acts against our values, it is spoken about.",
            false,
            Some("vision"),
        ),
        statement("evidence-first", "We look at evidence before we argue.", false, Some("diagnose")),
        statement("hard-topics", "We talk about the topics that are hard for us.", true, Some("diagnose")),
        statement("few-priorities", "Our priorities are few enough to be kept.", true, Some("plan")),
        statement("one-owner", "For every priority I know the one person who owns it.", true, Some("plan")),
        statement(
            "means-match",
            "We have the people and the money for what we have promised.",
            false,
            Some("plan"),
        ),
        statement(
            "promises-kept",
            "Promises that we make to each other are kept by their date.",
            true,
            Some("execute"),
        ),
        statement(
            "early-warning",
            "Whoever cannot keep a date says so before it passes.",
            false,
            Some("execute"),
        ),
        statement("voices-heard", "Decisions here do not depend on who speaks loudest.", true, None),
        statement(
            "commitment",
            "Once a decision is taken I stand behind it, even where I argued against it.",
            true,
            None,
        ),
        statement("rhythm", "Our reviews take place, and they change what we do.", false, Some("execute")),
        statement(
            "learning",
            "We work differently because of what we have learned.",
            false,
            Some("optimise"),
        ),
        statement("own-part", "I know what I have to contribute this quarter.", false, None),
    ],
    resources: &[
        resource(
            "Facilitator's guide to the six stages",
            "https://library.stratpro.example/guide",
            ResourceKind::Guide,
            None,
        ),
        resource(
            "How to run an alignment round",
            "https://library.stratpro.example/alignment-round",
            ResourceKind::Guide,
            None,
        ),
        resource(
            "The one page",
            "https://library.stratpro.example/one-page",
            ResourceKind::Worksheet,
            Some("align"),
        ),
        resource(
            "Values as behaviour",
            "https://library.stratpro.example/values",
            ResourceKind::Worksheet,
            Some("vision"),
        ),
        resource(
            "Gap and obstacle map",
            "https://library.stratpro.example/gap-map",
            ResourceKind::Worksheet,
            Some("diagnose"),
        ),
        resource(
            "Choosing few priorities",
            "https://library.stratpro.example/few-priorities",
            ResourceKind::Slides,
            Some("plan"),
        ),
        resource(
            "Capacity calculator",
            "https://library.stratpro.example/capacity",
            ResourceKind::Tool,
            Some("plan"),
        ),
        resource(
            "A follow-up session, filmed",
            "https://library.stratpro.example/follow-up",
            ResourceKind::Video,
            Some("execute"),
        ),
        resource(
            "Looking back without blame",
            "https://library.stratpro.example/looking-back",
            ResourceKind::Article,
            Some("optimise"),
        ),
    ],
};
