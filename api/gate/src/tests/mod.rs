//! Tables of cases. Costs were worked out by hand.

mod bounds;
mod costs;
mod documents;
mod validation;

use apollo_compiler::response::serde_json_bytes::json;

use super::*;

const SDL: &str = r#"
directive @cost(weight: String!) on FIELD_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE | ARGUMENT_DEFINITION
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!]) on FIELD_DEFINITION
directive @oneOf on INPUT_OBJECT
directive @tag(name: String) on FIELD

schema { query: Query mutation: Mutation subscription: Subscription }

type Query {
  me: Person
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]! @listSize(slicingArguments: ["ids"])
  people(first: Int, last: Int, filter: Filter): PersonConnection!
  sought(text: String @cost(weight: "10"), filter: SoughtFilter, orderBy: [SoughtOrder!], first: Int): SoughtConnection! @cost(weight: "101")
  wards(first: Int): WardConnection! @listSize(slicingArguments: ["first"], sizedFields: ["rows"], assumedSize: 3)
  tags: [Tag!]!
  few: [Tag!]! @listSize(assumedSize: 2)
  dear: Int @cost(weight: "6.5")
  by(by: By!): Person
  blob(value: Blob): Int
  found: [Found!]!
  count(at: Int! = 3): Int
  days(on: Day, in: [Day!], every: [[Day]!], where: Days): Int
}
type Mutation {
  rename(input: Rename!): Payload!
  touch(id: ID!, note: String, on: Boolean): Int
  signIn(name: String): Int
}
type Subscription { changed(id: ID): Person }
interface Node { id: ID! }
union Found = Person | Tag
type Person implements Node { id: ID! name: String! age: Int friend: Person best: Node friends(first: Int): PersonConnection! tags: [Tag!]! found: Found }
type Tag implements Node { id: ID! text: String! owner: Person }
type PersonConnection { edges: [PersonEdge!]! nodes: [Person!]! pageInfo: PageInfo! totalCount: Int! }
type PersonEdge { cursor: String! node: Person! }
type PageInfo { hasNextPage: Boolean! }
type WardConnection { rows: [Tag!]! totalCount: Int! }
type Payload { person: Person node: Node }
type SoughtConnection { nodes: [Seeker!]! totalCount: Int! @cost(weight: "10") }
type Seeker { id: ID! sought(filter: SoughtFilter, first: Int): SoughtConnection! }
input SoughtFilter { and: [SoughtFilter!] or: [SoughtFilter!] not: SoughtFilter name: NameTest risk: IntTest @cost(weight: "100") friend: SoughtFilter @cost(weight: "50") }
input NameTest { eq: String contains: String in: [String!] }
input IntTest { eq: Int gte: Int lte: Int }
input SoughtOrder { field: SoughtOrderField! direction: String }
enum SoughtOrderField { NAME RISK @cost(weight: "100") }
enum Colour { RED GREEN }
input Filter { name: String colour: Colour = RED ids: [ID!] not: Filter min: Int! = 1 }
input Rename { id: ID! name: String! tags: [String!] }
input By @oneOf { id: ID name: String }
input Days { on: Day in: [Day!] not: Days }
scalar Blob
scalar Day @specifiedBy(url: "https://scalars.graphql.org/andimarek/local-date.html")
"#;

/// A day is written `day-` and one letter.
const WRITINGS: &[ScalarSyntax] = &[("Day", |value| match value.ok_or("a day is a string")?.as_bytes() {
    [b'd', b'a', b'y', b'-', b'a'..=b'z'] => Ok(()),
    _ => Err("a day is written like day-a"),
})];

fn gate() -> Gate {
    gate_with(Limits::default())
}

fn gate_with(limits: Limits) -> Gate {
    Gate::new(SDL, WRITINGS, limits).expect("the schema is valid")
}

fn request(query: &str, variables: JsonValue) -> Request {
    let variables = variables.as_object().cloned().unwrap_or_default();
    Request { query: query.to_owned(), variables, ..Request::default() }
}

fn admit(query: &str, variables: JsonValue) -> Result<Admitted, Vec<RequestError>> {
    gate().admit(&request(query, variables), true)
}

fn admitted(query: &str, variables: JsonValue) -> Admitted {
    admit(query, variables).unwrap_or_else(|refused| panic!("{query}: {refused:?}"))
}

/// Code and message of each refusal, or the limit where it is one.
fn refusals(result: Result<Admitted, Vec<RequestError>>) -> Vec<String> {
    let told = |refused: &RequestError| {
        assert!(refused.message.len() < 1000);
        match refused.extensions.get("limit") {
            Some(limit) => format!("{} {}", refused.code.as_str(), limit.as_str().unwrap_or_default()),
            None => format!("{}: {}", refused.code.as_str(), refused.message),
        }
    };
    result.err().unwrap_or_default().iter().map(told).collect()
}

fn refused(query: &str, variables: JsonValue) -> Vec<String> {
    refusals(admit(query, variables))
}

fn repeated(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(" ")
}
