-- The trading pipeline's tables (lib/pipelines/trading), and runs that end themselves as skipped. Additive: constant
-- defaults are kept in the catalogue, no row is rewritten.
-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "skip" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "accounts" ADD COLUMN     "mt5_path" TEXT,
ADD COLUMN     "start_balance" DOUBLE PRECISION NOT NULL DEFAULT 10000;

-- AlterTable
ALTER TABLE "strategies" ADD COLUMN     "class_name" TEXT,
ADD COLUMN     "context_tfs" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "custom_prompt" TEXT,
ADD COLUMN     "interval_minutes" INTEGER,
ADD COLUMN     "lot_size" DOUBLE PRECISION,
ADD COLUMN     "maintenance_enabled" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "module_path" TEXT,
ADD COLUMN     "news_filter" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "skip_hours" JSONB,
ADD COLUMN     "skip_hours_timezone" TEXT,
ADD COLUMN     "sl_pips" DOUBLE PRECISION,
ADD COLUMN     "timeframe" TEXT,
ADD COLUMN     "tp_pips" DOUBLE PRECISION,
ADD COLUMN     "trigger_type" TEXT NOT NULL DEFAULT 'candle_close';

-- AlterTable
ALTER TABLE "trades" ADD COLUMN     "client_ref" TEXT,
ADD COLUMN     "close_reason" VARCHAR(20),
ADD COLUMN     "expires_at" TIMESTAMPTZ(3),
ADD COLUMN     "marked_at" TIMESTAMPTZ(3),
ADD COLUMN     "timeframe" VARCHAR(10) NOT NULL DEFAULT 'D1';

-- CreateTable
CREATE TABLE "account_strategies" (
    "account_id" INTEGER NOT NULL,
    "strategy_id" INTEGER NOT NULL,
    "is_active" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "account_strategies_pkey" PRIMARY KEY ("account_id","strategy_id")
);

-- CreateTable
CREATE TABLE "candles" (
    "symbol" VARCHAR(20) NOT NULL,
    "timeframe" VARCHAR(10) NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "open" DOUBLE PRECISION NOT NULL,
    "high" DOUBLE PRECISION NOT NULL,
    "low" DOUBLE PRECISION NOT NULL,
    "close" DOUBLE PRECISION NOT NULL,
    "volume" DOUBLE PRECISION NOT NULL DEFAULT 0,

    CONSTRAINT "candles_pkey" PRIMARY KEY ("symbol","timeframe","at")
);

-- CreateTable
CREATE TABLE "kill_switch_log" (
    "id" SERIAL NOT NULL,
    "action" VARCHAR(20) NOT NULL,
    "reason" TEXT NOT NULL,
    "triggered_by" VARCHAR(20) NOT NULL DEFAULT 'user',
    "actor" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "kill_switch_log_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent_switches" (
    "agent" VARCHAR(50) NOT NULL,
    "is_enabled" BOOLEAN NOT NULL,
    "changed_by" TEXT,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agent_switches_pkey" PRIMARY KEY ("agent")
);

-- CreateTable
CREATE TABLE "risk_settings" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "max_open_positions" INTEGER NOT NULL DEFAULT 5,
    "max_trades_per_symbol" INTEGER NOT NULL DEFAULT 3,
    "window_hours" INTEGER NOT NULL DEFAULT 24,
    "confidence_threshold" DOUBLE PRECISION NOT NULL DEFAULT 0.7,
    "calls_per_minute" INTEGER NOT NULL DEFAULT 10,
    "maintenance_enabled" BOOLEAN NOT NULL DEFAULT true,
    "blocked_regimes" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "risk_settings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account_call_windows" (
    "account_id" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "calls" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "account_call_windows_pkey" PRIMARY KEY ("account_id")
);

-- CreateTable
CREATE TABLE "news_events" (
    "id" SERIAL NOT NULL,
    "symbol" VARCHAR(20) NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "title" TEXT NOT NULL,
    "impact" VARCHAR(10) NOT NULL DEFAULT 'medium',
    "source" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "news_events_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "news_events_symbol_at_title_key" ON "news_events"("symbol", "at", "title");

-- CreateIndex
CREATE UNIQUE INDEX "trades_client_ref_key" ON "trades"("client_ref");

-- AddForeignKey
ALTER TABLE "account_strategies" ADD CONSTRAINT "account_strategies_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account_strategies" ADD CONSTRAINT "account_strategies_strategy_id_fkey" FOREIGN KEY ("strategy_id") REFERENCES "strategies"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account_call_windows" ADD CONSTRAINT "account_call_windows_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A bar that cannot have been is refused whoever brings it; NaN is greater than every number in PostgreSQL.
alter table candles add constraint candles_check check (
  low > 0 and low <= open and low <= close and high >= open and high >= close and high < 'infinity' and volume >= 0 and volume < 'infinity');
alter table kill_switch_log add constraint kill_switch_log_check check (action in ('activated', 'deactivated') and triggered_by in ('system', 'user'));
alter table risk_settings add constraint risk_settings_one_row check (id = 1);
alter table risk_settings add constraint risk_settings_check check (
  max_open_positions >= 0 and max_trades_per_symbol >= 0 and window_hours between 1 and 8760 and confidence_threshold between 0 and 1 and calls_per_minute between 1 and 100000);
alter table trades add constraint trades_check check (
  direction in ('BUY', 'SELL') and order_type in ('market', 'limit', 'stop') and order_status in ('pending', 'filled', 'cancelled', 'expired') and volume > 0 and entry_price > 0);

-- open positions and pending orders: what the broker marks, the sweep reviews and the risk check counts
create index trades_open_idx on trades (account_id, symbol) where closed_at is null and order_status in ('pending', 'filled');
-- trades of a symbol within the rolling window
create index trades_account_symbol_opened_idx on trades (account_id, symbol, opened_at);
-- recent signals of an account and symbol
create index ai_journal_recent_idx on ai_journal (account_id, symbol, id desc);
create sequence paper_ticket_seq start 100001;
insert into risk_settings (id) values (1);
