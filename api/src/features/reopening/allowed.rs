//! What may be reopened now, for the fields that tell what is allowed.

use super::rules::DAYS;

/// A condition on a row that its end, in `closed_at`, can be taken back ([`super::rules::require_reopenable`]). Periods are
/// frozen later than an end can be taken back, so the day in UTC is as good as the client's.
pub fn is_reopenable() -> String {
    let ended = "coalesce({t}.closed_at, {now})";
    format!(
        "{ended} >= {{days_ago:{DAYS}}} and not exists (select 1 from metric_value v \
         where v.client_id = {{t}}.client_id and v.ends_on >= \
         {{postgres:({ended} at time zone 'UTC')::date}}{{sqlite:date({ended})}})"
    )
}
