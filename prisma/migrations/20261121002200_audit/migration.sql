-- What was done by whom (lib/audit). Additive: a new table, which the version before does not know.
create table audit_entries (
  id         bigserial primary key,
  at         timestamptz(3) not null default current_timestamp,
  actor_kind varchar(10) not null,
  actor      varchar(200) not null,
  user_id    varchar(64),
  key_id     varchar(64),
  ip         varchar(64),
  request_id varchar(64),
  user_agent varchar(400),
  action     varchar(60) not null,
  object     varchar(300) not null,
  before     jsonb,
  after      jsonb
);
