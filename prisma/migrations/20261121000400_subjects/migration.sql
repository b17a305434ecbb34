-- What a run is about (symbol, account, sender), and the orders of the run list that had no index yet.

-- CreateTable
CREATE TABLE "run_subjects" (
    "run_id" BIGINT NOT NULL,
    "key" VARCHAR(50) NOT NULL,
    "value" VARCHAR(200) NOT NULL,

    CONSTRAINT "run_subjects_pkey" PRIMARY KEY ("run_id","key","value")
);

-- CreateIndex
CREATE INDEX "run_subjects_key_value_run_id_idx" ON "run_subjects"("key", "value", "run_id");

-- AddForeignKey
ALTER TABLE "run_subjects" ADD CONSTRAINT "run_subjects_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Sorted by end and by duration; both are written once in a run's life. Additive, and locks runs against writes while they are built.
create index runs_completed_order_idx on runs (coalesce(completed_at, 'infinity'::timestamptz), id);
create index runs_duration_order_idx on runs (coalesce(duration_ms, -1), id);
