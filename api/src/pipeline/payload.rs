//! Writes payloads of mutations as JSON: the selected parts. Objects in payloads are read by the same plans as queries.

use crate::{
    app::App,
    gate::{Admitted, collect_fields},
    kernel::{
        Caller, Error, Fault,
        payload::{PayloadPart, camel_case},
        read::{
            RateStatus, Values, answer,
            plan::{Plan, PlannedDocument},
        },
    },
};
use apollo_compiler::{
    ast::Type,
    executable::{Field, SelectionSet},
};
use futures::future::BoxFuture;
use serde_json::Value;
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;

/// A fault and its path in the answer.
pub(super) struct PathFault {
    pub fault: Fault,
    pub path: Vec<Value>,
}

/// Writes the payloads of a document, one after the other.
pub(super) struct PayloadWriter<'a> {
    pub app: &'a App,
    pub admitted: &'a Admitted,
    pub caller: Option<&'a Arc<Caller>>,
    pub spent: RateStatus,
    pub out: Vec<u8>,
    /// The faults of parts that are null in the answer.
    pub failed: Vec<PathFault>,
    path: Vec<Value>,
}

impl<'a> PayloadWriter<'a> {
    pub(super) fn new(
        app: &'a App,
        admitted: &'a Admitted,
        caller: Option<&'a Arc<Caller>>,
        spent: RateStatus,
    ) -> Self {
        let out = Vec::with_capacity(1024);
        Self { app, admitted, caller, spent, out, failed: vec![], path: vec![] }
    }

    /// Writes the selected fields of a mutation's payload.
    pub(super) async fn write_payload(
        &mut self,
        key: &str,
        field: &'a Field,
        sets: &[&'a SelectionSet],
        payload: PayloadPart,
    ) -> Result<(), PathFault> {
        self.path = vec![Value::from(key)];
        self.write_part(&payload, &field.definition.ty, sets).await
    }

    /// Writes a part by its type in the schema. A fault makes the part null, or the nearest nullable part around it.
    fn write_part<'f>(
        &'f mut self,
        part: &'f PayloadPart,
        ty: &'f Type,
        sets: &'f [&'a SelectionSet],
    ) -> BoxFuture<'f, Result<(), PathFault>> {
        Box::pin(async move {
            let (began, depth) = (self.out.len(), self.path.len());
            let written = self.write_value(part, ty, sets).await;
            self.path.truncate(depth);
            match written {
                Err(failed) if !ty.is_non_null() => {
                    self.failed.push(failed);
                    self.out.truncate(began);
                    self.out.extend_from_slice(b"null");
                    Ok(())
                }
                written => written,
            }
        })
    }

    async fn write_value(
        &mut self,
        part: &PayloadPart,
        ty: &Type,
        sets: &[&'a SelectionSet],
    ) -> Result<(), PathFault> {
        match part {
            PayloadPart::Null => self.out.extend_from_slice(b"null"),
            PayloadPart::Leaf(value) => {
                serde_json::to_writer(&mut self.out, value).map_err(|_| self.fault_here(Fault::Internal))?;
            }
            PayloadPart::List(items) => {
                self.out.push(b'[');
                for (at, item) in items.iter().enumerate() {
                    self.path.push(Value::from(at));
                    self.comma(at > 0);
                    self.write_part(item, ty.item_type(), sets).await?;
                    self.path.pop();
                }
                self.out.push(b']');
            }
            PayloadPart::Record(name, fields) => self.write_record(name, fields, sets).await?,
            PayloadPart::Object { key, saved } => self.write_object(*key, *saved).await?,
        }
        Ok(())
    }

    async fn write_record(
        &mut self,
        name: &str,
        fields: &[(&'static str, PayloadPart)],
        sets: &[&'a SelectionSet],
    ) -> Result<(), PathFault> {
        let Admitted { document, variables, .. } = self.admitted;
        let schema = self.app.gate.schema();
        let chosen = collect_fields(&document.ast, schema, sets, name, variables, &mut BTreeSet::new());
        self.out.push(b'{');
        for (at, chosen) in chosen.into_iter().enumerate() {
            self.comma(at > 0);
            self.key(chosen.key);
            if chosen.field.name == "__typename" {
                self.text(name);
                continue;
            }
            let part = fields.iter().find(|(field, _)| camel_case(field) == chosen.field.name.as_str());
            let (_, part) = part.ok_or_else(|| self.fault_here(Fault::Internal))?;
            self.path.push(Value::from(chosen.key));
            self.write_part(part, &chosen.field.definition.ty, &chosen.sets).await?;
            self.path.pop();
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Reads an object and writes it.
    async fn write_object(&mut self, key: Uuid, saved: bool) -> Result<(), PathFault> {
        let began = self.out.len();
        let fault = match self.read_object(key).await {
            Ok(()) if &self.out[began..] != b"null" || !saved => return Ok(()),
            // the change has removed the caller's own access
            Ok(()) => Fault::Forbidden,
            Err(Error::Fault(fault)) => fault,
            Err(Error::Refused(_)) => Fault::Internal,
        };
        Err(self.fault_here(if saved { Fault::Committed(Box::new(fault)) } else { fault }))
    }

    async fn read_object(&mut self, key: Uuid) -> Result<(), Error> {
        let caller = self.caller.ok_or(Fault::Unauthenticated)?;
        let path: Vec<&str> = self.path.iter().filter_map(Value::as_str).collect();
        let path = path.join(".");
        let values = Values {
            variables: &self.admitted.variables,
            subject: Some(key),
            spent: self.spent,
            prepared: None,
        };
        let mut plans = self.app.plan(self.admitted, &caller.actor())?;
        let mut read = caller.read(plan_at(&plans, &path)?, &values).await;
        if matches!(read, Err(Error::Fault(Fault::Conflict))) {
            // the change is saved; the caller reads it with the roles that the change has left them
            plans = self.app.plan(self.admitted, &caller.actor())?;
            read = caller.read(plan_at(&plans, &path)?, &values).await;
        }
        let (rows, actor) = read?;
        Ok(answer::object(plan_at(&plans, &path)?, rows, &actor, &values, &mut self.out)?)
    }

    pub(super) fn comma(&mut self, needed: bool) {
        if needed {
            self.out.push(b',');
        }
    }

    pub(super) fn key(&mut self, key: &str) {
        self.text(key);
        self.out.push(b':');
    }

    /// A name of GraphQL, which needs no escapes.
    pub(super) fn text(&mut self, name: &str) {
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'"');
    }

    fn fault_here(&self, fault: Fault) -> PathFault {
        PathFault { fault, path: self.path.clone() }
    }
}

/// The plan of the object at a path of the answer's keys.
fn plan_at<'p>(plans: &'p PlannedDocument, path: &str) -> Result<&'p Plan, Fault> {
    plans.payloads.get(path).ok_or(Fault::Internal)
}
