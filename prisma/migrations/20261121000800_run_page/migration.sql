-- Retries (lib/engine/retry.ts). Additive: a constant default is kept in the catalogue, no row is rewritten.
alter table "runs" add column "only_failed" boolean not null default false;
