-- Whose name is whose, for good (lib/people, lib/keys): runs, the audit log and `me` go by names, so nobody may take over
-- another's, nor that of one who is disabled or of a key that was revoked. A few thousand rows: what is there is given its name
-- in one pass, first come first served, and whoever comes second gets a number behind it.
create table actor_names (
  -- as names are compared
  name varchar(100) not null,
  kind varchar(4) not null,
  -- the person, or whose key it is; null for keys that the command line made. No foreign key: a name outlives who had it
  user_id varchar(64),
  constraint actor_names_pkey primary key (name),
  constraint actor_names_kind_check check (kind in ('user', 'key'))
);

-- Without case, without the many ways to write one letter or a space, and without what is not seen.
create function name_key(name text) returns varchar language sql immutable strict
  return left(lower(btrim(regexp_replace(regexp_replace(normalize(name, nfkc), '[\u00ad\u200b-\u200f\u2060\ufeff]', '', 'g'), '\s+', ' ', 'g'))), 100);

-- Whether a person, or a key of `owner`, may be called so: takes the name when it is free. Keys of one owner may share a name, so
-- that one replaces another.
create function take_name(wanted text, kind_of text, owner text) returns boolean language plpgsql as $$
declare
  key constant varchar := name_key(wanted);
begin
  insert into actor_names (name, kind, user_id) values (key, kind_of, owner) on conflict (name) do nothing;
  return exists (select from actor_names a where a.name = key and a.kind = kind_of and a.user_id is not distinct from owner);
end $$;

create function keep_name() returns trigger language plpgsql as $$
begin
  if not (case tg_table_name when 'users' then take_name(new.name, 'user', new.id) else take_name(new.name, 'key', to_jsonb(new) ->> 'user_id') end) then
    raise unique_violation using message = format('the name %s is taken', quote_literal(new.name)), constraint = 'actor_names_pkey', table = 'actor_names';
  end if;
  return null;
end $$;

do $$
declare
  one record;
  n int;
begin
  for one in select id, name, 'user' as kind, id as owner, created_at from users union all select id, name, 'key', user_id, created_at from api_keys order by kind desc, created_at, id loop
    if take_name(one.name, one.kind, one.owner) then continue; end if;
    n := 2;
    while not take_name(left(one.name, 90) || ' (' || n || ')', one.kind, one.owner) loop n := n + 1; end loop;
    if one.kind = 'user' then update users set name = left(one.name, 90) || ' (' || n || ')' where id = one.id;
    else update api_keys set name = left(one.name, 90) || ' (' || n || ')' where id = one.id; end if;
  end loop;
end $$;

-- After, so that an insert that gives way to a row of the same address takes no name.
create trigger users_keep_name after insert or update of name on users for each row execute function keep_name();
create trigger api_keys_keep_name after insert or update of name, user_id on api_keys for each row execute function keep_name();

-- Views are a person's, not a name's. Those that were kept before there were people are the first admin's, as far as they do not
-- have one of that name.
update saved_views v set owner = u.id from users u where name_key(u.name) = name_key(v.owner);
update saved_views v
   set owner = a.id, is_default = v.is_default and not exists (select from saved_views d where d.owner = a.id and d.list = v.list and d.is_default)
  from (select id from users where role = 'admin' order by disabled_at is not null, created_at, id limit 1) a
 where v.owner = 'local' and not exists (select from saved_views s where s.owner = a.id and s.list = v.list and s.name = v.name);
