//! A client's risk counts the end of its contract.

use crate::{Step, figures};

pub const STEP: Step = Step { module: module_path!(), more: figures::contract_risk_mark, ..Step::EMPTY };
