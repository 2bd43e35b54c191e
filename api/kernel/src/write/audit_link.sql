-- Takes the chain's head and adds the event behind it, in one round trip.
with head as (
    select sequence + 1 as sequence, hash as previous from audit_lane
    where network_id = {network} and lane = {lane} for no key update
), link as (
    select sequence, previous,
        encode(sha256(convert_to(previous || ':' || sequence || ':' || {body}, 'UTF8')), 'hex') as hash
    from head
), event as (
    insert into audit_event (
        id, network_id, client_id, content, lane, sequence, at, person_id, request_id, verb, noun, subject_id,
        before, after, salt, digest, franchise_id, caller_request_id, previous, hash)
    select {id}, {network}, {client}, {content}, {lane}, sequence, {at}, {person}, {request}, {verb}, {noun}, {subject}, {before}, {after}, {salt}, {digest}, {franchise}, {caller_request}, previous, hash from link
)
update audit_lane set sequence = link.sequence, hash = link.hash from link
where network_id = {network} and lane = {lane}
