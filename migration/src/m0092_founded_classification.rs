//! The classification of networks that are older than classifications: the entries that a new network has, and an industry
//! for each code that their clients have. Without entries, no client could be created. Archived clients from before are
//! archived since their last change, so that archiving them can be taken back within its days.

use crate::{Step, rls};

pub const STEP: Step = Step { module: module_path!(), more: changes, ..Step::EMPTY };

fn changes() -> Vec<String> {
    let entries = [FOUNDED, CLIENTS].join("\n;;\n");
    vec![
        rls::past_policies(&["network", "client", "classification"], &entries),
        rls::past_policies(&["client"], ARCHIVED),
    ]
}

/// Kinds of which a network has no entry get those of a new network.
const FOUNDED: &str = "
with entry (kind, key, label, position) as (values
    ('industry', 'A', 'Agriculture, forestry and fishing', 1),
    ('industry', 'B', 'Mining and quarrying', 2),
    ('industry', 'C', 'Manufacturing', 3),
    ('industry', 'D', 'Electricity, gas, steam and air conditioning supply', 4),
    ('industry', 'E', 'Water supply, sewerage, waste management and remediation', 5),
    ('industry', 'F', 'Construction', 6),
    ('industry', 'G', 'Wholesale and retail trade; repair of motor vehicles', 7),
    ('industry', 'H', 'Transportation and storage', 8),
    ('industry', 'I', 'Accommodation and food service', 9),
    ('industry', 'J', 'Information and communication', 10),
    ('industry', 'K', 'Financial and insurance', 11),
    ('industry', 'L', 'Real estate', 12),
    ('industry', 'M', 'Professional, scientific and technical', 13),
    ('industry', 'N', 'Administrative and support services', 14),
    ('industry', 'O', 'Public administration and defence; social security', 15),
    ('industry', 'P', 'Education', 16),
    ('industry', 'Q', 'Human health and social work', 17),
    ('industry', 'R', 'Arts, entertainment and recreation', 18),
    ('industry', 'S', 'Other services', 19),
    ('industry', 'T', 'Households as employers', 20),
    ('industry', 'U', 'Extraterritorial organisations', 21),
    ('size_band', 'MICRO', 'Fewer than 10 people', 1),
    ('size_band', 'SMALL', '10 to 49 people', 2),
    ('size_band', 'MEDIUM', '50 to 249 people', 3),
    ('size_band', 'LARGE', '250 to 999 people', 4),
    ('size_band', 'ENTERPRISE', '1,000 or more people', 5)
)
insert into classification
    (id, network_id, kind, key, label, position, created_at, version, updated_at, key_folded, label_folded)
select {new id}, n.id, e.kind, e.key, e.label, e.position, n.created_at, 1, n.created_at, lower(e.key), lower(e.label)
from network n cross join entry e
where not exists (select 1 from classification c where c.network_id = n.id and c.kind = e.kind)";

/// Codes that clients have are industries, too.
const CLIENTS: &str = "
insert into classification
    (id, network_id, kind, key, label, position, created_at, version, updated_at, key_folded, label_folded)
select {new id}, c.network_id, 'industry', min(c.industry), min(c.industry), 22, min(c.created_at), 1, min(c.created_at),
    c.industry_folded, c.industry_folded
from client c
where c.industry <> '' and not exists (select 1 from classification e
    where e.network_id = c.network_id and e.kind = 'industry' and e.key_folded = c.industry_folded)
group by c.network_id, c.industry_folded";

const ARCHIVED: &str = "
update client set archived_at = updated_at
where status = 'archived' and archived_at is null and updated_at > {epoch}";
