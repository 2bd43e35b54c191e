//! An object of a mutation's payload. The mutation answers its key; what the document asks of it is planned like any
//! read and runs once the change is committed.

use super::{
    plan,
    run::{Spent, Values},
    shape::Shaped,
    types, write,
};
use crate::kernel::{
    caller::Caller,
    error::{Error, Fault},
};
use apollo_compiler::response::JsonMap;
use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned, ServerError, ServerResult, Value, indexmap::IndexMap,
    parser::types::Field, registry::Registry,
};
use std::{borrow::Cow, marker::PhantomData, sync::Arc};
use uuid::Uuid;

/// What a mutation's request carries besides its document.
pub struct Live {
    /// Who asks; nobody before sign-in.
    pub caller: Option<Arc<Caller>>,
    pub plans: Arc<plan::Planned>,
    pub variables: JsonMap,
    pub credential: Credential,
    pub spent: Spent,
}

/// With what, and from where, a request came.
#[derive(Clone, Copy, Debug)]
pub struct Credential {
    /// The sign-in behind the token.
    pub sign_in: Option<Uuid>,
    pub remote: std::net::IpAddr,
}

/// The object of shape `S` with this key.
pub struct Planned<S> {
    key: Uuid,
    shape: PhantomData<fn() -> S>,
}

impl<S> Planned<S> {
    pub fn new<N>(id: entity::Id<N>) -> Self {
        Planned { key: id.uuid(), shape: PhantomData }
    }
}

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
            let plan = live.plans.payloads.get(&path.join(".")).ok_or(Fault::Internal)?;
            let values = Values {
                variables: &live.variables,
                subject: Some(self.key),
                spent: live.spent,
                introspection: None,
            };
            let (rows, actor) = caller.read(plan, &values).await?;
            let mut out = Vec::with_capacity(1024);
            write::object(plan, rows, &actor, &values, &mut out)?;
            String::from_utf8(out).map_err(|_| Error::from(Fault::Internal))
        };
        match answer.await {
            Ok(text) if text == "null" => Ok(Value::Null),
            Ok(text) => Ok(raw(text)),
            Err(Error::Fault(fault)) => Err(error(&fault, field)),
            Err(Error::Refused(_)) => Err(error(&Fault::Internal, field)),
        }
    }
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
