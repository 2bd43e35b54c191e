//! Fields of the query root that no statement reads: each is computed from its arguments, in a transaction of its own
//! that changes nothing, before the statements of the query run.

use super::payload::PayloadWriter;
use crate::{
    app::App,
    gate::{Admitted, collect_fields},
    kernel::{Caller, Error, Fault, Message, read::RateStatus},
};
use apollo_compiler::{executable::Field, response::JsonMap};
use async_graphql::Value;
use std::{collections::BTreeSet, sync::Arc};

impl App {
    /// Computes what a query selects of such fields, by their keys.
    pub(super) async fn compute_fields(
        &self,
        admitted: &Admitted,
        caller: &Arc<Caller>,
        spent: RateStatus,
        prepared: &mut JsonMap,
    ) -> Result<(), Error> {
        let Admitted { document, variables, .. } = admitted;
        let work = |field: &Field| self.computed.get(field.name.as_str()).copied();
        if document.operation.root_fields(&document.ast).all(|field| work(field).is_none()) {
            return Ok(());
        }
        let sets = [&document.operation.selection_set];
        let root = document.operation.object_type().as_str();
        let chosen =
            collect_fields(&document.ast, self.gate.schema(), &sets, root, variables, &mut BTreeSet::new());
        for chosen in chosen {
            let Some(work) = work(chosen.field) else { continue };
            let part = work(Arc::clone(caller), self.coerce_arguments(admitted, chosen.field)?).await?;
            let mut writer = PayloadWriter::new(self, admitted, Some(caller), spent);
            let written = writer.write_payload(chosen.key, chosen.field, &chosen.sets, part).await;
            if let Some(failed) = written.err().or(writer.failed.into_iter().next()) {
                return Err(failed.fault.into());
            }
            let value = serde_json::from_slice(&writer.out).map_err(|_| Fault::Internal)?;
            prepared.insert(chosen.key, value);
        }
        Ok(())
    }

    /// The arguments of a field, as their types want them.
    fn coerce_arguments(&self, admitted: &Admitted, field: &Field) -> Result<Value, Fault> {
        let mut values = serde_json::Map::new();
        for argument in &field.definition.arguments {
            let value = self.gate.argument(admitted, field, &argument.name);
            let value = value.map_err(|refused| Fault::BadUserInput(Message::foreign(refused.message)))?;
            let value = serde_json::to_value(&value).map_err(|_| Fault::Internal)?;
            values.insert(argument.name.to_string(), value);
        }
        Value::from_json(values.into()).map_err(|_| Fault::Internal)
    }
}
