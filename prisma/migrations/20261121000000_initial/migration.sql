-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "run_status" AS ENUM ('pending', 'running', 'completed', 'partial', 'hold', 'skipped', 'failed', 'cancelled');

-- CreateEnum
CREATE TYPE "unit_status" AS ENUM ('pending', 'running', 'completed', 'failed', 'skipped', 'cancelled');

-- CreateEnum
CREATE TYPE "unit_kind" AS ENUM ('plan', 'work', 'settle');

-- CreateEnum
CREATE TYPE "step_status" AS ENUM ('ok', 'skip', 'error');

-- CreateEnum
CREATE TYPE "run_trigger" AS ENUM ('web', 'cli', 'schedule', 'api', 'ingest');

-- CreateTable
CREATE TABLE "runs" (
    "id" BIGSERIAL NOT NULL,
    "external_id" TEXT,
    "pipeline" TEXT NOT NULL,
    "stage" TEXT NOT NULL,
    "status" "run_status" NOT NULL DEFAULT 'pending',
    "outcome" TEXT,
    "reason" TEXT,
    "params" JSONB NOT NULL DEFAULT '{}',
    "config_snapshot" JSONB NOT NULL DEFAULT '{}',
    "triggered_by" "run_trigger" NOT NULL DEFAULT 'web',
    "created_by" TEXT,
    "exclusive_key" TEXT,
    "idempotency_key" TEXT,
    "request_hash" TEXT,
    "group_id" BIGINT,
    "waits_for" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "retry_of" BIGINT,
    "items_processed" INTEGER NOT NULL DEFAULT 0,
    "items_failed" INTEGER NOT NULL DEFAULT 0,
    "items_total" INTEGER,
    "units_total" INTEGER NOT NULL DEFAULT 0,
    "units_done" INTEGER NOT NULL DEFAULT 0,
    "units_failed" INTEGER NOT NULL DEFAULT 0,
    "last_step_seq" INTEGER NOT NULL DEFAULT 0,
    "wave" INTEGER NOT NULL DEFAULT 0,
    "hold" BOOLEAN NOT NULL DEFAULT false,
    "error_class" TEXT,
    "error_message" TEXT,
    "cancel_requested_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "duration_ms" INTEGER,

    CONSTRAINT "runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run_units" (
    "run_id" BIGINT NOT NULL,
    "seq" INTEGER NOT NULL,
    "kind" "unit_kind" NOT NULL DEFAULT 'work',
    "wave" INTEGER NOT NULL DEFAULT 0,
    "name" TEXT NOT NULL,
    "status" "unit_status" NOT NULL DEFAULT 'pending',
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "crashes" INTEGER NOT NULL DEFAULT 0,
    "worker_id" BIGINT,
    "input" JSONB NOT NULL DEFAULT '{}',
    "output" JSONB,
    "items_done" INTEGER NOT NULL DEFAULT 0,
    "items_failed" INTEGER NOT NULL DEFAULT 0,
    "items_total" INTEGER,
    "items_saved" INTEGER NOT NULL DEFAULT 0,
    "error_class" TEXT,
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "duration_ms" INTEGER,

    CONSTRAINT "run_units_pkey" PRIMARY KEY ("run_id","seq")
);

-- CreateTable
CREATE TABLE "run_steps" (
    "id" BIGSERIAL NOT NULL,
    "run_id" BIGINT NOT NULL,
    "seq" INTEGER NOT NULL,
    "unit_seq" INTEGER,
    "parent_seq" INTEGER,
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "step_name" VARCHAR(100) NOT NULL,
    "step_key" TEXT NOT NULL,
    "status" "step_status" NOT NULL DEFAULT 'error',
    "input_json" TEXT,
    "output_json" TEXT,
    "error_class" TEXT,
    "error" TEXT,
    "duration_ms" INTEGER NOT NULL DEFAULT 0,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completed_at" TIMESTAMPTZ(3),

    CONSTRAINT "run_steps_pkey" PRIMARY KEY ("run_id","seq")
);

-- CreateTable
CREATE TABLE "run_annotations" (
    "run_id" BIGINT NOT NULL,
    "key" VARCHAR(255) NOT NULL,
    "value" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_annotations_pkey" PRIMARY KEY ("run_id","key")
);

-- CreateTable
CREATE TABLE "llm_calls" (
    "id" BIGSERIAL NOT NULL,
    "run_id" BIGINT,
    "pipeline_step_id" BIGINT,
    "account_id" INTEGER,
    "provider" VARCHAR(50) NOT NULL,
    "model" VARCHAR(100) NOT NULL,
    "role" VARCHAR(50) NOT NULL,
    "subject" TEXT,
    "status" "step_status" NOT NULL DEFAULT 'error',
    "system_prompt" TEXT,
    "prompt" TEXT,
    "response_raw" TEXT,
    "response_parsed" JSONB,
    "error" TEXT,
    "input_tokens" INTEGER,
    "output_tokens" INTEGER,
    "total_tokens" INTEGER,
    "cost_usd" DECIMAL(12,8),
    "duration_ms" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "llm_calls_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run_events" (
    "id" BIGSERIAL NOT NULL,
    "run_id" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "actor" TEXT,
    "data" JSONB NOT NULL DEFAULT '{}',
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "txid" xid8 NOT NULL DEFAULT pg_current_xact_id(),

    CONSTRAINT "run_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run_logs" (
    "id" BIGSERIAL NOT NULL,
    "run_id" BIGINT NOT NULL,
    "unit_seq" INTEGER,
    "level" TEXT NOT NULL DEFAULT 'info',
    "line" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "run_logs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workers" (
    "id" BIGSERIAL NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "version" TEXT NOT NULL,
    "concurrency" INTEGER NOT NULL,
    "pool_id" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(3),
    "stopped_at" TIMESTAMPTZ(3),
    "stop_reason" TEXT,

    CONSTRAINT "workers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "trading_runs" (
    "run_id" BIGINT NOT NULL,
    "account_id" INTEGER NOT NULL,
    "symbol" VARCHAR(20) NOT NULL,
    "timeframe" VARCHAR(10) NOT NULL,
    "task_type" VARCHAR(20) NOT NULL DEFAULT 'signal',
    "journal_id" INTEGER,
    "trade_id" INTEGER,
    "strategy_id" INTEGER,

    CONSTRAINT "trading_runs_pkey" PRIMARY KEY ("run_id")
);

-- CreateTable
CREATE TABLE "accounts" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "broker" TEXT NOT NULL,
    "login" TEXT NOT NULL,
    "server" TEXT NOT NULL DEFAULT '',
    "is_live" BOOLEAN NOT NULL DEFAULT false,
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "allowed_symbols" JSONB NOT NULL DEFAULT '[]',
    "max_lot_size" DOUBLE PRECISION NOT NULL DEFAULT 0.1,
    "risk_pct" DOUBLE PRECISION NOT NULL DEFAULT 0.01,
    "auto_trade_enabled" BOOLEAN NOT NULL DEFAULT true,
    "paper_trade_enabled" BOOLEAN NOT NULL DEFAULT false,
    "account_type" TEXT NOT NULL DEFAULT 'USD',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "strategies" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "strategy_type" TEXT NOT NULL DEFAULT 'config',
    "execution_mode" TEXT NOT NULL DEFAULT 'llm_only',
    "primary_tf" TEXT NOT NULL DEFAULT 'M15',
    "symbols" JSONB NOT NULL DEFAULT '[]',
    "is_active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "strategies_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "trades" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "ticket" BIGINT NOT NULL,
    "symbol" VARCHAR(20) NOT NULL,
    "direction" VARCHAR(10) NOT NULL,
    "volume" DOUBLE PRECISION NOT NULL,
    "entry_price" DOUBLE PRECISION NOT NULL,
    "stop_loss" DOUBLE PRECISION,
    "take_profit" DOUBLE PRECISION,
    "close_price" DOUBLE PRECISION,
    "profit" DOUBLE PRECISION,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),
    "source" TEXT NOT NULL DEFAULT 'ai',
    "is_paper_trade" BOOLEAN NOT NULL DEFAULT false,
    "maintenance_enabled" BOOLEAN NOT NULL DEFAULT true,
    "order_type" TEXT NOT NULL DEFAULT 'market',
    "order_status" TEXT NOT NULL DEFAULT 'filled',
    "strategy_id" INTEGER,

    CONSTRAINT "trades_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ai_journal" (
    "id" SERIAL NOT NULL,
    "account_id" INTEGER NOT NULL,
    "trade_id" INTEGER,
    "strategy_id" INTEGER,
    "symbol" VARCHAR(20) NOT NULL,
    "timeframe" VARCHAR(10) NOT NULL,
    "signal" VARCHAR(15) NOT NULL,
    "confidence" DOUBLE PRECISION NOT NULL,
    "rationale" TEXT NOT NULL,
    "indicators_snapshot" TEXT NOT NULL DEFAULT '{}',
    "llm_provider" VARCHAR(50) NOT NULL,
    "model_name" VARCHAR(100) NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ai_journal_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "runs_external_id_key" ON "runs"("external_id");

-- CreateIndex
CREATE UNIQUE INDEX "runs_idempotency_key_key" ON "runs"("idempotency_key");

-- CreateIndex
CREATE INDEX "runs_pipeline_stage_id_idx" ON "runs"("pipeline", "stage", "id" DESC);

-- CreateIndex
CREATE INDEX "runs_group_id_idx" ON "runs"("group_id");

-- CreateIndex
CREATE INDEX "runs_created_at_idx" ON "runs"("created_at");

-- CreateIndex
CREATE INDEX "runs_retry_of_idx" ON "runs"("retry_of");

-- CreateIndex
CREATE INDEX "run_units_run_id_wave_status_idx" ON "run_units"("run_id", "wave", "status");

-- CreateIndex
CREATE UNIQUE INDEX "run_steps_id_key" ON "run_steps"("id");

-- CreateIndex
CREATE INDEX "run_annotations_key_idx" ON "run_annotations"("key");

-- CreateIndex
CREATE INDEX "llm_calls_run_id_idx" ON "llm_calls"("run_id");

-- CreateIndex
CREATE INDEX "llm_calls_pipeline_step_id_idx" ON "llm_calls"("pipeline_step_id");

-- CreateIndex
CREATE INDEX "llm_calls_created_at_idx" ON "llm_calls"("created_at");

-- CreateIndex
CREATE INDEX "run_events_run_id_id_idx" ON "run_events"("run_id", "id");

-- CreateIndex
CREATE INDEX "run_logs_run_id_id_idx" ON "run_logs"("run_id", "id");

-- CreateIndex
CREATE INDEX "workers_stopped_at_idx" ON "workers"("stopped_at");

-- CreateIndex
CREATE INDEX "trading_runs_account_id_idx" ON "trading_runs"("account_id");

-- CreateIndex
CREATE INDEX "trading_runs_symbol_idx" ON "trading_runs"("symbol");

-- CreateIndex
CREATE INDEX "trading_runs_strategy_id_idx" ON "trading_runs"("strategy_id");

-- CreateIndex
CREATE UNIQUE INDEX "accounts_login_key" ON "accounts"("login");

-- CreateIndex
CREATE UNIQUE INDEX "strategies_name_key" ON "strategies"("name");

-- CreateIndex
CREATE UNIQUE INDEX "trades_account_id_ticket_key" ON "trades"("account_id", "ticket");

-- CreateIndex
CREATE UNIQUE INDEX "ai_journal_trade_id_key" ON "ai_journal"("trade_id");

-- CreateIndex
CREATE INDEX "ai_journal_account_id_idx" ON "ai_journal"("account_id");

-- CreateIndex
CREATE INDEX "ai_journal_symbol_idx" ON "ai_journal"("symbol");

-- AddForeignKey
ALTER TABLE "runs" ADD CONSTRAINT "runs_retry_of_fkey" FOREIGN KEY ("retry_of") REFERENCES "runs"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_units" ADD CONSTRAINT "run_units_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_units" ADD CONSTRAINT "run_units_worker_id_fkey" FOREIGN KEY ("worker_id") REFERENCES "workers"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_steps" ADD CONSTRAINT "run_steps_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_annotations" ADD CONSTRAINT "run_annotations_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "llm_calls" ADD CONSTRAINT "llm_calls_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "llm_calls" ADD CONSTRAINT "llm_calls_pipeline_step_id_fkey" FOREIGN KEY ("pipeline_step_id") REFERENCES "run_steps"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "llm_calls" ADD CONSTRAINT "llm_calls_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_events" ADD CONSTRAINT "run_events_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_logs" ADD CONSTRAINT "run_logs_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trading_runs" ADD CONSTRAINT "trading_runs_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trading_runs" ADD CONSTRAINT "trading_runs_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trading_runs" ADD CONSTRAINT "trading_runs_journal_id_fkey" FOREIGN KEY ("journal_id") REFERENCES "ai_journal"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trading_runs" ADD CONSTRAINT "trading_runs_trade_id_fkey" FOREIGN KEY ("trade_id") REFERENCES "trades"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trading_runs" ADD CONSTRAINT "trading_runs_strategy_id_fkey" FOREIGN KEY ("strategy_id") REFERENCES "strategies"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trades" ADD CONSTRAINT "trades_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "trades" ADD CONSTRAINT "trades_strategy_id_fkey" FOREIGN KEY ("strategy_id") REFERENCES "strategies"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ai_journal" ADD CONSTRAINT "ai_journal_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ai_journal" ADD CONSTRAINT "ai_journal_trade_id_fkey" FOREIGN KEY ("trade_id") REFERENCES "trades"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ai_journal" ADD CONSTRAINT "ai_journal_strategy_id_fkey" FOREIGN KEY ("strategy_id") REFERENCES "strategies"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- What Prisma's schema language cannot say. All on empty tables: no lock matters.

-- At most one run that is not final per exclusive key: two triggers at once cannot both pass.
CREATE UNIQUE INDEX "runs_exclusive_key_active_key" ON "runs" ("exclusive_key") WHERE "status" IN ('pending', 'running');

-- Runs that go on: the sweeper, the workers' cancel check, "is anything running?".
CREATE INDEX "runs_active_idx" ON "runs" ("id") WHERE "status" IN ('pending', 'running');

-- What a worker holds: looked up when it dies.
CREATE INDEX "run_units_running_idx" ON "run_units" ("worker_id") WHERE "status" = 'running';

-- A run has an end exactly when its status is final, and a duration only when it began.
ALTER TABLE "runs"
  ADD CONSTRAINT "runs_completed_at_check" CHECK (("status" IN ('pending', 'running')) = ("completed_at" IS NULL)),
  ADD CONSTRAINT "runs_started_at_check" CHECK ("status" <> 'running' OR "started_at" IS NOT NULL),
  ADD CONSTRAINT "runs_items_check" CHECK ("items_processed" >= 0 AND "items_failed" >= 0 AND "duration_ms" >= 0);

ALTER TABLE "run_units"
  ADD CONSTRAINT "run_units_worker_check" CHECK ("status" <> 'running' OR "attempt" > 0),
  ADD CONSTRAINT "run_units_items_check" CHECK ("items_done" >= "items_saved" AND "items_saved" >= 0 AND "items_failed" >= 0);

-- Counters of these rows are updated often: room in the page keeps the updates off the indexes.
ALTER TABLE "runs" SET (fillfactor = 85);
ALTER TABLE "run_units" SET (fillfactor = 85);
ALTER TABLE "run_steps" SET (fillfactor = 90);
