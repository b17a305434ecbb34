-- The audit log as a chain (lib/audit): each entry carries the hash of the one before it, and nobody changes or deletes one.
-- Additive: the version before writes its entries as it did, and they are sealed by the workers of this one.

alter table audit_entries
  -- Ids are drawn before commit; the sealer takes only what no open transaction can come before.
  add column txid      xid8 not null default pg_current_xact_id(),
  -- The place in the chain, without gaps, and the hashes: null until the entry is sealed.
  add column link      bigint,
  add column prev_hash bytea,
  add column hash      bytea,
  add constraint audit_entries_sealed_check check ((link is null) = (hash is null) and (link is null) = (prev_hash is null));

create unique index audit_entries_link_idx on audit_entries (link);
-- What waits to be sealed, in the order of the chain: empty most of the time.
create index audit_entries_open_idx on audit_entries (txid, id) where hash is null;
-- The list, newest first (lib/audit/queries.ts), and what one narrows it by.
create index audit_entries_at_idx on audit_entries (at, id);
create index audit_entries_actor_idx on audit_entries (actor, at, id);
create index audit_entries_action_idx on audit_entries (action collate "C", at, id);
create index audit_entries_object_idx on audit_entries (object text_pattern_ops, at, id);

-- Both ends of the chain, so that what is missing at one of them is missed; and what the last check found.
create table audit_chain (
  id          boolean primary key default true check (id),
  last_link   bigint not null default 0,
  last_id     bigint not null default 0,
  last_hash   bytea not null default sha256('penstock audit'),
  -- Up to where retention has removed entries: the chain goes on from this hash.
  pruned_link bigint not null default 0,
  pruned_hash bytea not null default sha256('penstock audit'),
  pruned_at   timestamptz(3),
  checked_at  timestamptz(3),
  checked_by  varchar(200),
  checked_id  bigint,
  fault       jsonb
);
insert into audit_chain default values;

-- What an entry says, in one spelling: jsonb orders its keys and spaces its text the same way always.
create function audit_hash(prev bytea, link bigint, e audit_entries) returns bytea language sql stable as $$
  select sha256(prev || convert_to(jsonb_build_object(
    'link', link, 'id', e.id, 'at', (extract(epoch from e.at) * 1000)::bigint, 'actor_kind', e.actor_kind, 'actor', e.actor, 'user_id', e.user_id, 'key_id', e.key_id,
    'ip', e.ip, 'request_id', e.request_id, 'user_agent', e.user_agent, 'action', e.action, 'object', e.object, 'before', e.before, 'after', e.after)::text, 'UTF8'))
$$;

-- Append-only. An entry is sealed once and stays as it is; retention says who it is, and may take sealed ones away.
create function guard_audit_entry() returns trigger language plpgsql as $$
declare
  kept audit_entries;
begin
  if tg_op = 'INSERT' then
    new.txid := pg_current_xact_id();
    new.link := null; new.prev_hash := null; new.hash := null;
    return new;
  end if;
  if tg_op = 'DELETE' then
    if old.hash is not null and coalesce(current_setting('penstock.audit', true), '') = 'retention' then return old; end if;
    raise exception 'The audit log is append-only: entry % stays', old.id using errcode = 'restrict_violation';
  end if;
  kept := new;
  kept.link := old.link; kept.prev_hash := old.prev_hash; kept.hash := old.hash;
  if old.hash is not null or new.hash is null or kept is distinct from old then
    raise exception 'The audit log is append-only: entry % stays as it was written', old.id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger audit_entries_append_only before insert or update or delete on audit_entries for each row execute function guard_audit_entry();

create function refuse_audit_truncate() returns trigger language plpgsql as $$
begin
  raise exception 'The audit log is append-only' using errcode = 'restrict_violation';
end $$;
create trigger audit_entries_no_truncate before truncate on audit_entries for each statement execute function refuse_audit_truncate();

-- Seals up to `most` entries, in the order of their transactions, and says how many. One does it at a time; who comes
-- meanwhile leaves it to them. Entries that were restored from another server have numbers that are yet to come here.
create function seal_audit(most integer) returns integer language plpgsql as $$
declare
  head   audit_chain;
  entry  audit_entries;
  digest bytea;
  sealed integer := 0;
begin
  if not exists (select 1 from audit_entries where hash is null) or not pg_try_advisory_xact_lock(7331008) then return 0; end if;
  select * into head from audit_chain for update;
  for entry in
    select * from audit_entries e
     where e.hash is null and (e.txid < pg_snapshot_xmin(pg_current_snapshot()) or e.txid >= pg_snapshot_xmax(pg_current_snapshot()))
     order by e.txid, e.id
     limit most
  loop
    sealed := sealed + 1;
    digest := audit_hash(head.last_hash, head.last_link + 1, entry);
    update audit_entries set link = head.last_link + 1, prev_hash = head.last_hash, hash = digest where id = entry.id;
    head.last_link := head.last_link + 1; head.last_id := entry.id; head.last_hash := digest;
  end loop;
  update audit_chain set last_link = head.last_link, last_id = head.last_id, last_hash = head.last_hash;
  return sealed;
end $$;
