-- What admins may set (lib/settings): a row for what was changed, none for what is as it comes. Additive.
create table settings (
  key        varchar(60) primary key,
  value      jsonb not null,
  version    integer not null default 1,
  changed_by varchar(200) not null,
  changed_at timestamptz(3) not null default current_timestamp
);
