// PostGraphile with its generated schema, and the filters and the figure that a portfolio needs in addition. It orders by
// the risk that is kept on each client. Takes the URL of the database and the number of connections. Prints its port.

import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { TYPES, listOfCodec } from "postgraphile/@dataplan/pg";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { sql } from "postgraphile/pg-sql2";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import * as utils from "postgraphile/utils";

const { addPgTableCondition, extendSchema, gql, pgSmartTags } = utils;
const [url, connections] = process.argv.slice(2);
const actionsOverdue = (client) => sql`(
    select coalesce(sum(items), 0) from client_due
    where client_id = ${client}.id and kind = 'action' and at <= now())`;
const table = (tableName) => ({ schemaName: "public", tableName });

const plugins = [
    addPgTableCondition(
        table("client"),
        "portfolio",
        ({ getInputTypeByName, graphql }) => ({
            type: new graphql.GraphQLList(new graphql.GraphQLNonNull(getInputTypeByName("UUID"))),
        }),
        (ids, { sqlTableAlias: client, sqlValueWithCodec }) =>
            sql`${client}.status <> 'archived'
                and ${client}.id = any (${sqlValueWithCodec(ids, listOfCodec(TYPES.uuid))})`,
    ),
    addPgTableCondition(
        table("session"),
        "upcoming",
        ({ graphql }) => ({ type: graphql.GraphQLBoolean }),
        (_, { sqlTableAlias: session }) => sql`${session}.status = 'scheduled' and ${session}.starts_at > now()`,
    ),
    extendSchema({
        typeDefs: gql`extend type Client { actionsOverdue: Int! }`,
        objects: {
            Client: {
                plans: {
                    actionsOverdue: ($client) =>
                        $client.select(actionsOverdue($client.getClassStep().alias), TYPES.int),
                },
            },
        },
    }),
    pgSmartTags([
        {
            kind: "class",
            match: "client_pulse",
            tags: { foreignKey: "(current_stage_id) references stage_run (id)|@fieldName currentStage" },
        },
    ]),
];

const server = createServer();
const preset = {
    extends: [PostGraphileAmberPreset],
    plugins,
    // The schema has no global IDs, and has every relation: PostGraphile takes relations on two columns as not indexed.
    disablePlugins: ["NodePlugin", "PgIndexBehaviorsPlugin"],
    schema: { defaultBehavior: "list -connection" },
    grafserv: { graphiql: false },
    pgServices: [makePgService({ connectionString: url, poolConfig: { max: Number(connections) } })],
};
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
