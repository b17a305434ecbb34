-- People, how they sign in, and the sessions they have (lib/auth, lib/people). Additive: new tables, which the version before does not know.
create table users (
  id varchar(64) not null default gen_random_uuid()::text,
  email varchar(254) not null,
  name varchar(100) not null,
  email_verified boolean not null default false,
  image text,
  role varchar(20) not null default 'viewer',
  disabled_at timestamptz(3),
  two_factor_enabled boolean not null default false,
  last_sign_in_at timestamptz(3),
  created_at timestamptz(3) not null default current_timestamp,
  updated_at timestamptz(3) not null default current_timestamp,

  constraint users_pkey primary key (id)
);

create table sessions (
  id varchar(64) not null default gen_random_uuid()::text,
  user_id varchar(64) not null,
  token varchar(100) not null,
  expires_at timestamptz(3) not null,
  ip_address varchar(64),
  user_agent text,
  created_at timestamptz(3) not null default current_timestamp,
  updated_at timestamptz(3) not null default current_timestamp,

  constraint sessions_pkey primary key (id)
);

create table sign_in_accounts (
  id varchar(64) not null default gen_random_uuid()::text,
  user_id varchar(64) not null,
  account_id text not null,
  provider_id varchar(100) not null,
  password text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz(3),
  refresh_token_expires_at timestamptz(3),
  scope text,
  created_at timestamptz(3) not null default current_timestamp,
  updated_at timestamptz(3) not null default current_timestamp,

  constraint sign_in_accounts_pkey primary key (id)
);

create table verifications (
  id varchar(64) not null default gen_random_uuid()::text,
  identifier text not null,
  value text not null,
  expires_at timestamptz(3) not null,
  created_at timestamptz(3) not null default current_timestamp,
  updated_at timestamptz(3) not null default current_timestamp,

  constraint verifications_pkey primary key (id)
);

create table two_factors (
  id varchar(64) not null default gen_random_uuid()::text,
  user_id varchar(64) not null,
  secret text not null,
  backup_codes text not null,
  verified boolean not null default true,
  failed_verification_count integer not null default 0,
  locked_until timestamptz(3),

  constraint two_factors_pkey primary key (id)
);

create table one_time_links (
  id varchar(64) not null default gen_random_uuid()::text,
  token_hash varchar(64) not null,
  kind varchar(10) not null,
  user_id varchar(64),
  expires_at timestamptz(3) not null,
  used_at timestamptz(3),
  created_at timestamptz(3) not null default current_timestamp,

  constraint one_time_links_pkey primary key (id)
);

create table rate_limits (
  key varchar(255) not null,
  points integer not null default 0,
  expire bigint,

  constraint rate_limits_pkey primary key (key)
);

create unique index users_email_key on users(email);

create unique index sessions_token_key on sessions(token);

create index sessions_user_id_idx on sessions(user_id);

create index sign_in_accounts_user_id_idx on sign_in_accounts(user_id);

create unique index sign_in_accounts_provider_id_account_id_key on sign_in_accounts(provider_id, account_id);

create index verifications_identifier_idx on verifications(identifier);

create index two_factors_user_id_idx on two_factors(user_id);

create unique index one_time_links_token_hash_key on one_time_links(token_hash);

create index one_time_links_user_id_idx on one_time_links(user_id);

alter table sessions add constraint sessions_user_id_fkey foreign key (user_id) references users(id) on delete cascade on update cascade;

alter table sign_in_accounts add constraint sign_in_accounts_user_id_fkey foreign key (user_id) references users(id) on delete cascade on update cascade;

alter table two_factors add constraint two_factors_user_id_fkey foreign key (user_id) references users(id) on delete cascade on update cascade;

alter table one_time_links add constraint one_time_links_user_id_fkey foreign key (user_id) references users(id) on delete cascade on update cascade;
