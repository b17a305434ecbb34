-- Backtest jobs: what is asked for, each model-day of it, and what a model made of each date. New tables only: nothing is locked.
-- CreateTable
CREATE TABLE "backtest_jobs" (
    "job_id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "run_id" BIGINT,
    "config_path" TEXT NOT NULL DEFAULT '',
    "dates" DATE[],
    "models" TEXT[],
    "symbols" TEXT[],
    "replace_existing" BOOLEAN NOT NULL DEFAULT false,
    "starting_cash" DECIMAL(20,6) NOT NULL,
    "warnings" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "backtest_jobs_pkey" PRIMARY KEY ("job_id")
);

-- CreateTable
CREATE TABLE "backtest_model_days" (
    "job_id" UUID NOT NULL,
    "date" DATE NOT NULL,
    "model" VARCHAR(100) NOT NULL,
    "status" "unit_status" NOT NULL DEFAULT 'pending',
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "error" TEXT,

    CONSTRAINT "backtest_model_days_pkey" PRIMARY KEY ("job_id","date","model")
);

-- CreateTable
CREATE TABLE "backtest_days" (
    "id" BIGSERIAL NOT NULL,
    "job_id" UUID NOT NULL,
    "model" VARCHAR(100) NOT NULL,
    "date" DATE NOT NULL,
    "previous_id" BIGINT,
    "starting_cash" DECIMAL(20,6) NOT NULL,
    "starting_value" DECIMAL(20,6) NOT NULL,
    "bought" DECIMAL(20,6) NOT NULL,
    "sold" DECIMAL(20,6) NOT NULL,
    "ending_cash" DECIMAL(20,6) NOT NULL,
    "ending_value" DECIMAL(20,6) NOT NULL,
    "daily_profit" DECIMAL(20,6) NOT NULL,
    "daily_return_percent" DOUBLE PRECISION NOT NULL,
    "days_since_last" INTEGER,
    "steps" INTEGER NOT NULL,
    "summary" TEXT NOT NULL,
    "duration_ms" INTEGER NOT NULL,
    "completed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "superseded_at" TIMESTAMPTZ(3),
    "superseded_by" UUID,

    CONSTRAINT "backtest_days_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "backtest_positions" (
    "day_id" BIGINT NOT NULL,
    "action_id" INTEGER NOT NULL,
    "action_type" TEXT NOT NULL,
    "symbol" VARCHAR(20),
    "quantity" BIGINT NOT NULL DEFAULT 0,
    "price" DECIMAL(20,6) NOT NULL DEFAULT 0,
    "cash" DECIMAL(20,6) NOT NULL,

    CONSTRAINT "backtest_positions_pkey" PRIMARY KEY ("day_id","action_id")
);

-- CreateTable
CREATE TABLE "backtest_holdings" (
    "day_id" BIGINT NOT NULL,
    "symbol" VARCHAR(20) NOT NULL,
    "quantity" BIGINT NOT NULL,
    "price" DECIMAL(20,6) NOT NULL,

    CONSTRAINT "backtest_holdings_pkey" PRIMARY KEY ("day_id","symbol")
);

-- CreateTable
CREATE TABLE "backtest_reasoning" (
    "day_id" BIGINT NOT NULL,
    "step_number" INTEGER NOT NULL,
    "role" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "tool_name" TEXT,

    CONSTRAINT "backtest_reasoning_pkey" PRIMARY KEY ("day_id","step_number")
);

-- CreateTable
CREATE TABLE "backtest_tool_usage" (
    "day_id" BIGINT NOT NULL,
    "tool_name" TEXT NOT NULL,
    "calls" INTEGER NOT NULL,
    "refused" INTEGER NOT NULL,
    "duration_ms" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "backtest_tool_usage_pkey" PRIMARY KEY ("day_id","tool_name")
);

-- CreateIndex
CREATE UNIQUE INDEX "backtest_jobs_run_id_key" ON "backtest_jobs"("run_id");

-- CreateIndex
CREATE INDEX "backtest_jobs_created_at_idx" ON "backtest_jobs"("created_at" DESC);

-- CreateIndex
CREATE INDEX "backtest_days_previous_id_idx" ON "backtest_days"("previous_id");

-- CreateIndex
CREATE INDEX "backtest_days_date_idx" ON "backtest_days"("date");

-- CreateIndex
CREATE UNIQUE INDEX "backtest_days_job_id_model_date_key" ON "backtest_days"("job_id", "model", "date");

-- AddForeignKey
ALTER TABLE "backtest_jobs" ADD CONSTRAINT "backtest_jobs_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backtest_model_days" ADD CONSTRAINT "backtest_model_days_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "backtest_jobs"("job_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backtest_days" ADD CONSTRAINT "backtest_days_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "backtest_jobs"("job_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backtest_days" ADD CONSTRAINT "backtest_days_previous_id_fkey" FOREIGN KEY ("previous_id") REFERENCES "backtest_days"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backtest_positions" ADD CONSTRAINT "backtest_positions_day_id_fkey" FOREIGN KEY ("day_id") REFERENCES "backtest_days"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backtest_holdings" ADD CONSTRAINT "backtest_holdings_day_id_fkey" FOREIGN KEY ("day_id") REFERENCES "backtest_days"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backtest_reasoning" ADD CONSTRAINT "backtest_reasoning_day_id_fkey" FOREIGN KEY ("day_id") REFERENCES "backtest_days"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backtest_tool_usage" ADD CONSTRAINT "backtest_tool_usage_day_id_fkey" FOREIGN KEY ("day_id") REFERENCES "backtest_days"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Lists are empty rather than unknown.
alter table backtest_jobs
  alter column dates set not null, alter column models set not null, alter column symbols set not null, alter column warnings set not null,
  add constraint backtest_jobs_cash_check check (starting_cash > 0);

alter table backtest_model_days
  add constraint backtest_model_days_status_check check (status in ('pending', 'completed', 'failed', 'skipped')),
  add constraint backtest_model_days_reason_check check (status not in ('failed', 'skipped') or error is not null);

-- A model-day counts once, whatever jobs there are: what is superseded is history.
create unique index backtest_days_current_key on backtest_days (model, date) where superseded_at is null;

-- No money and no shares from nowhere, whoever writes: cash moves by what is traded, and trading at a price changes no value.
alter table backtest_days
  add constraint backtest_days_cash_check check (ending_cash = starting_cash - bought + sold and ending_cash >= 0),
  add constraint backtest_days_value_check check (ending_value = starting_value);
alter table backtest_positions
  add constraint backtest_positions_action_check check (
    (action_type in ('buy', 'sell') and symbol is not null and quantity > 0 and price > 0) or (action_type = 'no_trade' and quantity = 0)),
  add constraint backtest_positions_cash_check check (cash >= 0);
alter table backtest_holdings
  add constraint backtest_holdings_check check (quantity > 0 and price > 0);
alter table backtest_reasoning
  add constraint backtest_reasoning_role_check check (role in ('user', 'assistant', 'tool'));

-- Looked at when the transaction that writes a day commits: all its rows are there by then.
create function backtest_check_day() returns trigger language plpgsql as $$
declare
  traded record;
  held numeric;
  odd text;
begin
  select coalesce(sum(quantity * price) filter (where action_type = 'buy'), 0) as bought,
         coalesce(sum(quantity * price) filter (where action_type = 'sell'), 0) as sold
    into traded from backtest_positions where day_id = new.id;
  if traded.bought <> new.bought or traded.sold <> new.sold then
    raise exception 'backtest day % says it bought % and sold %, its positions say % and %', new.id, new.bought, new.sold, traded.bought, traded.sold using errcode = '23514';
  end if;
  select coalesce(sum(quantity * price), 0) into held from backtest_holdings where day_id = new.id;
  if new.ending_value <> new.ending_cash + held then
    raise exception 'backtest day % is worth %, not %', new.id, new.ending_cash + held, new.ending_value using errcode = '23514';
  end if;
  select symbol into odd
    from (select symbol, quantity from backtest_holdings where day_id = new.previous_id
          union all
          select symbol, case action_type when 'buy' then quantity else -quantity end from backtest_positions where day_id = new.id and symbol is not null
          union all
          select symbol, -quantity from backtest_holdings where day_id = new.id) moved
   group by symbol having sum(quantity) <> 0 limit 1;
  if odd is not null then
    raise exception 'backtest day % has shares of % from nowhere, or has lost some', new.id, odd using errcode = '23514';
  end if;
  return null;
end $$;
create constraint trigger backtest_days_conserved after insert on backtest_days deferrable initially deferred
  for each row execute function backtest_check_day();

-- A model-day as it stands: what was written with its results, else what its unit says, else what became of its run.
create view backtest_details as
select d.job_id, d.date, d.model,
       case when d.status <> 'pending' then d.status
            when u.status is not null and (u.status <> 'pending' or r.status in ('pending', 'running')) then u.status
            when r.status in ('pending', 'running') then 'pending'
            when r.status = 'failed' then 'failed'
            else 'cancelled' end::unit_status as status,
       coalesce(d.started_at, u.started_at) as started_at,
       coalesce(d.completed_at, u.completed_at) as completed_at,
       coalesce(d.error, u.error, case when r.status = 'failed' then r.error_message end) as error
  from backtest_model_days d
  join backtest_jobs j on j.job_id = d.job_id
  left join runs r on r.id = j.run_id
  left join run_units u on u.run_id = j.run_id and u.kind = 'work' and u.name = d.date::text || ' ' || d.model;
