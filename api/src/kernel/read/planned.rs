//! An object of a mutation's payload. The mutation answers its key; what the document asks of it is planned like any
//! read and runs once the change is committed.

use super::{
    plan,
    run::{Spent, Values},
    shape::Shaped,
    types, write,
};
use crate::kernel::{
    access::Actor,
    caller::Caller,
    error::{Error, Fault},
};
use apollo_compiler::response::JsonMap;
use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned, ServerError, ServerResult, Value, indexmap::IndexMap,
    parser::types::Field, registry::Registry,
};
use async_trait::async_trait;
use std::{borrow::Cow, marker::PhantomData, sync::Arc};
use uuid::Uuid;

/// What a mutation's request carries besides its document.
pub struct Live {
    /// Who asks; nobody before sign-in.
    pub caller: Option<Arc<Caller>>,
    pub planner: Planner,
    pub variables: JsonMap,
    pub credential: Credential,
    pub spent: Spent,
}

/// Plans the payloads for a caller as they are now: what a mutation changes may be the caller's own roles.
pub type Planner = Box<dyn Fn(&Actor) -> Result<Arc<plan::Planned>, Fault> + Send + Sync>;

/// With what, and from where, a request came.
#[derive(Clone, Copy, Debug)]
pub struct Credential {
    /// The sign-in behind the token.
    pub sign_in: Option<Uuid>,
    pub remote: std::net::IpAddr,
}

/// The object of shape `S` with this key.
///
/// Invariant: the object of a saved change is read, or the request fails and says that the change was saved. A payload
/// is never empty without a reason.
pub struct Planned<S> {
    key: Uuid,
    saved: bool,
    shape: PhantomData<fn() -> S>,
}

impl<S> Planned<S> {
    /// The object of a change that was committed.
    pub fn saved<N>(id: entity::Id<N>) -> Self {
        Planned { key: id.uuid(), saved: true, shape: PhantomData }
    }
    /// The object of a change that ended so: saved, or refused with the object that its input names.
    pub fn after<N>(saved: Option<entity::Id<N>>, named: Option<entity::Id<N>>) -> Option<Self> {
        saved.map(Self::saved).or(named.map(Self::refused))
    }
    /// The object of a change that was refused, as it is; null where the caller cannot access it.
    pub fn refused<N>(id: entity::Id<N>) -> Self {
        Planned { key: id.uuid(), saved: false, shape: PhantomData }
    }
}

#[async_trait]
impl<S: Shaped> OutputType for Planned<S> {
    fn type_name() -> Cow<'static, str> {
        S::shape().name.into()
    }
    fn create_type_info(registry: &mut Registry) -> String {
        types::register(registry, S::shape());
        <Self as OutputType>::qualified_type_name()
    }
    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let answer = async {
            let live = context.data::<Live>().map_err(|_| Fault::Internal)?;
            let caller = live.caller.as_ref().ok_or(Fault::Unauthenticated)?;
            let path: Vec<String> = context
                .path_node
                .map(|path| path.to_string_vec())
                .unwrap_or_default()
                .into_iter()
                .filter(|step| step.parse::<usize>().is_err())
                .collect();
            let path = path.join(".");
            let values = Values {
                variables: &live.variables,
                subject: Some(self.key),
                spent: live.spent,
                introspection: None,
            };
            let mut plans = (live.planner)(&caller.actor())?;
            let mut read = caller.read(payload(&plans, &path)?, &values).await;
            if matches!(read, Err(Error::Fault(Fault::Conflict))) {
                // the change is made; the caller reads it as who they have become by it
                plans = (live.planner)(&caller.actor())?;
                read = caller.read(payload(&plans, &path)?, &values).await;
            }
            let (plan, (rows, actor)) = (payload(&plans, &path)?, read?);
            let mut out = Vec::with_capacity(1024);
            write::object(plan, rows, &actor, &values, &mut out)?;
            String::from_utf8(out).map_err(|_| Error::from(Fault::Internal))
        };
        let fault = match answer.await {
            Ok(text) if text != "null" => return Ok(raw(text)),
            Ok(_) if !self.saved => return Ok(Value::Null),
            // by their own change the caller no longer has access
            Ok(_) => Fault::Forbidden,
            Err(Error::Fault(fault)) => fault,
            Err(Error::Refused(_)) => Fault::Internal,
        };
        let fault = if self.saved { Fault::Committed(Box::new(fault)) } else { fault };
        Err(error(&fault, field))
    }
}

fn payload<'p>(plans: &'p plan::Planned, path: &str) -> Result<&'p plan::Plan, Fault> {
    plans.payloads.get(path).ok_or(Fault::Internal)
}

/// Ready JSON, which async-graphql writes as it is.
fn raw(text: String) -> Value {
    Value::Object(IndexMap::from_iter([(
        Name::new(async_graphql_value::RAW_VALUE_TOKEN),
        Value::String(text),
    )]))
}

fn error(fault: &Fault, field: &Positioned<Field>) -> ServerError {
    async_graphql::Error::from(fault.clone()).into_server_error(field.pos)
}
