-- Acts on every run that matches a filter (lib/bulk). Additive: new tables; the foreign keys lock runs against writes for a moment.

-- CreateEnum
CREATE TYPE "bulk_kind" AS ENUM ('retry', 'cancel');

-- CreateEnum
CREATE TYPE "bulk_status" AS ENUM ('pending', 'running', 'completed', 'aborted', 'failed');

-- CreateEnum
CREATE TYPE "bulk_result" AS ENUM ('pending', 'ok', 'skipped', 'failed');

-- CreateTable
CREATE TABLE "bulk_actions" (
    "id" BIGSERIAL NOT NULL,
    "kind" "bulk_kind" NOT NULL,
    "filter" JSONB,
    "query" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "rate" INTEGER NOT NULL,
    "status" "bulk_status" NOT NULL DEFAULT 'pending',
    "total" INTEGER NOT NULL,
    "done" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "left_out" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "abort_requested_at" TIMESTAMPTZ(3),
    "aborted_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),

    CONSTRAINT "bulk_actions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bulk_action_runs" (
    "action_id" BIGINT NOT NULL,
    "position" INTEGER NOT NULL,
    "run_id" BIGINT NOT NULL,
    "status" "bulk_result" NOT NULL DEFAULT 'pending',
    "message" TEXT,
    "new_run_id" BIGINT,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "begun_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "bulk_action_runs_pkey" PRIMARY KEY ("action_id","position")
);

-- CreateIndex
CREATE INDEX "bulk_action_runs_run_id_idx" ON "bulk_action_runs"("run_id");

-- CreateIndex
CREATE INDEX "bulk_action_runs_new_run_id_idx" ON "bulk_action_runs"("new_run_id");

-- CreateIndex
CREATE UNIQUE INDEX "bulk_action_runs_action_id_run_id_key" ON "bulk_action_runs"("action_id", "run_id");

-- AddForeignKey
ALTER TABLE "bulk_action_runs" ADD CONSTRAINT "bulk_action_runs_action_id_fkey" FOREIGN KEY ("action_id") REFERENCES "bulk_actions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bulk_action_runs" ADD CONSTRAINT "bulk_action_runs_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bulk_action_runs" ADD CONSTRAINT "bulk_action_runs_new_run_id_fkey" FOREIGN KEY ("new_run_id") REFERENCES "runs"("id") ON DELETE SET NULL ON UPDATE CASCADE;

alter table bulk_actions add constraint bulk_actions_rate_check check (rate between 1 and 50);
alter table bulk_actions add constraint bulk_actions_counts_check check (done >= 0 and failed >= 0 and skipped >= 0 and done + failed + skipped <= total and left_out between 0 and skipped);
alter table bulk_actions add constraint bulk_actions_end_check check ((status in ('pending', 'running')) = (completed_at is null));
alter table bulk_action_runs add constraint bulk_action_runs_end_check check ((status = 'pending') = (ended_at is null));

-- The next run of a set that is due.
create index bulk_action_runs_due_idx on bulk_action_runs (action_id, due_at, position) where status = 'pending';

-- The runs of a set that ended one way, in order.
create index bulk_action_runs_status_idx on bulk_action_runs (action_id, status, position);

-- Sets that are not through: looked at twice a second by every worker.
create index bulk_actions_open_idx on bulk_actions (next_at) where status in ('pending', 'running');
