-- Saved views of more than one list (lib/views): each belongs to one, and names and defaults are one's own in each. Additive: a
-- constant default is kept in the catalogue, no row is rewritten; the indexes are of a few hundred rows.
alter table saved_views add column list varchar(20) not null default 'runs';
drop index saved_views_owner_name_key;
create unique index saved_views_owner_list_name_key on saved_views (owner, list, name);
drop index saved_views_default_idx;
create unique index saved_views_default_idx on saved_views (owner, list) where is_default;
