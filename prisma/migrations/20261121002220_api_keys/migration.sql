-- Keys of programs (lib/keys). Additive: a new table, which the version before does not know.
create table api_keys (
  id varchar(16) not null,
  name varchar(100) not null,
  user_id varchar(64),
  role varchar(20) not null,
  permissions text[],
  hash bytea not null,
  made_with_id varchar(16),
  created_at timestamptz(3) not null default current_timestamp,
  created_by varchar(200) not null,
  expires_at timestamptz(3) not null,
  last_used_at timestamptz(3),
  revoked_at timestamptz(3),
  constraint api_keys_pkey primary key (id),
  constraint api_keys_user_id_fkey foreign key (user_id) references users (id) on delete cascade on update cascade,
  constraint api_keys_made_with_id_fkey foreign key (made_with_id) references api_keys (id) on delete cascade on update cascade,
  constraint api_keys_hash_check check (octet_length(hash) = 32),
  constraint api_keys_expires_at_check check (expires_at <= created_at + interval '367 days')
);
create index api_keys_user_id_created_at_idx on api_keys (user_id, created_at desc);
create index api_keys_made_with_id_idx on api_keys (made_with_id);
