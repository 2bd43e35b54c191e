//! The network's classification: what clients' industries and sizes are taken from.

use crate::{kit::Persona::*, scenario};
use concord::bootstrap::create_network;
use entity::{classification, drift_policy, template_version, template_version::TemplateStatus};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

const READ: &str =
    "{ classifications(first: 100) { nodes { id kind key label position retiredAt version } } }";

/// The entry of a key.
fn entry(read: &Value, key: &str) -> Value {
    let nodes = read["classifications"]["nodes"].as_array().expect("entries");
    nodes.iter().find(|entry| entry["key"] == key).unwrap_or_else(|| panic!("no {key}")).clone()
}

scenario! {
    async fn a_clients_industry_is_one_of_the_networks(world: World) {
        let client = |name: &str, industry: &str| json!({
            "franchiseId": world.cast.franchise, "regionId": world.cast.region, "name": name, "industry": industry,
            "sizeBand": "SMALL", "timeZone": "Europe/London", "leadId": world.cast.person(Facilitator).1,
        });
        // by key or by label, in any case
        for (name, industry) in [("Cedar Print", "c"), ("Dale Tools", "Manufacturing")] {
            let made = world.done(Owner, "clientCreate", client(name, industry), "client { industry }").await;
            assert_eq!(made["client"]["industry"], "C", "{industry}");
        }
        let invalid = ("INVALID".to_owned(), "input.industry".to_owned());
        assert_eq!(world.refused(Owner, "clientCreate", client("Elm Farm", "Farming")).await, invalid);
        // head office adds what is missing, and everyone reads it
        let new = json!({ "kind": "INDUSTRY", "key": "62", "label": "Software" });
        let made = world.done(Admin, "classificationCreate", new.clone(), "classification { position }").await;
        assert_eq!(made["classification"]["position"], 22, "after the last one");
        assert_eq!(world.refused(Admin, "classificationCreate", new).await, ("TAKEN".into(), "input.key".into()));
        let band = json!({ "kind": "SIZE_BAND", "key": "TINY", "label": "Tiny" });
        assert_eq!(world.refused(Admin, "classificationCreate", band).await, ("INVALID".into(), "input.key".into()));
        for who in [Owner, Facilitator, Sponsor, Leader, Observer] {
            assert_eq!(entry(&world.read(who, READ, json!({})).await, "62")["label"], "Software", "{who:?}");
        }
        let other = world.read(Foreigner, READ, json!({})).await;
        assert!(other["classifications"]["nodes"].as_array().expect("entries").iter().all(|entry| entry["key"] != "62"));
        world.done(Owner, "clientUpdate", json!({ "id": world.cast.client, "industry": "Software" }), "").await;
        // what is retired stays with who has it
        let software = entry(&world.read(Admin, READ, json!({})).await, "62");
        let retired = json!({ "id": software["id"], "retired": true, "expectedVersion": 1 });
        world.done(Admin, "classificationUpdate", retired, "classification { retiredAt }").await;
        world.done(Owner, "clientUpdate", json!({ "id": world.cast.client, "industry": "62" }), "").await;
        assert_eq!(world.refused(Owner, "clientCreate", client("Elm Apps", "62")).await, invalid);
        let small = entry(&world.read(Admin, READ, json!({})).await, "SMALL");
        world.done(Admin, "classificationUpdate", json!({ "id": small["id"], "retired": true }), "").await;
        let refused = world.refused(Owner, "clientCreate", client("Elm Print", "C")).await;
        assert_eq!(refused, ("INVALID".into(), "input.sizeBand".into()));
    }
}

scenario! {
    async fn an_import_names_industries_as_the_network_does(world: World) {
        let rows = |industry: &str| format!(
            "external_id,name,industry,size_band,time_zone,region,lead\n\
             1,Cedar Print,{industry},SMALL,Europe/London,TLI,{}\n", Facilitator.email(),
        );
        let file = |industry: &str| json!({ "franchiseId": world.cast.franchise, "csv": rows(industry) });
        let what = "createdCount rows { outcome errors { column reason } }";
        let answered = world.ask(Owner, &crate::kit::document("clientImport", what), json!({ "input": file("Printing") })).await;
        let refused = &answered.json["data"]["clientImport"]["rows"][0];
        assert_eq!(refused["errors"], json!([{ "column": "industry", "reason": "NOT_CLASSIFIED" }]), "{}", answered.text);
        let done = world.done(Owner, "clientImport", file("manufacturing"), what).await;
        assert_eq!(done["createdCount"], 1);
    }
}

scenario! {
    async fn a_founded_network_is_ready_for_its_first_client(world: World) {
        let network = create_network(
            &world.app.kernel, "Newfound", "Europe/London", "Nora", "nora@example.org", "a long enough secret",
        ).await.expect("a network");
        let behind = world.home.behind().await;
        let entries = classification::Entity::find().filter(classification::Column::NetworkId.eq(network));
        assert_eq!(entries.all(&behind).await.expect("entries").len(), 21 + 5);
        let versions = template_version::Entity::find().filter(template_version::Column::NetworkId.eq(network));
        let versions = versions.all(&behind).await.expect("versions");
        assert_eq!(versions.iter().map(|version| version.status).collect::<Vec<_>>(), [TemplateStatus::Published]);
        let policies = drift_policy::Entity::find().filter(drift_policy::Column::NetworkId.eq(network));
        assert_eq!(policies.all(&behind).await.expect("a policy").len(), 1);
    }
}
