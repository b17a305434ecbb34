/** Reads what a database holds at the end, for the checker. */
import { z } from "zod";
import type { Ctx } from "#lib/ctx";
import { RUN_STATUSES, UnitStatus } from "#lib/runs/rules";
import type { State } from "./check.ts";

const id = z.coerce.number();
const Runs = z.array(z.object({
  id, key: z.string().nullable(), groupId: id.nullable(), status: z.enum(RUN_STATUSES), itemsProcessed: z.number(), itemsFailed: z.number(),
  unitsDone: z.number(), unitsFailed: z.number(), retryOf: id.nullable(), isScheduled: z.boolean(),
}));
const Units = z.array(z.object({ runId: id, seq: z.number(), kind: z.string(), status: z.enum(UnitStatus), attempt: z.number(), itemsDone: z.number() }));
const Writes = z.array(z.object({ runId: id, seq: z.number(), attempt: z.number(), key: z.string() }));
const Steps = z.array(z.object({ runId: id, unitSeq: z.number(), attempt: z.number(), key: z.string(), status: z.enum(["ok", "skip", "error"]), ended: z.boolean(), receipt: id.nullable() }));
const Events = z.array(z.object({ runId: id, type: z.string() }));
const Jobs = z.array(z.object({ runId: id, seq: z.number() }));

/** The database as it is now, in one snapshot. */
export async function readState({ db }: Ctx): Promise<State> {
  if (!("$transaction" in db)) throw new Error("A snapshot is a transaction of its own");
  return db.$transaction(async (tx) => ({
    runs: Runs.parse(await tx.$queryRaw`
      select id, idempotency_key as key, group_id as "groupId", status::text, items_processed as "itemsProcessed", items_failed as "itemsFailed",
             units_done as "unitsDone", units_failed as "unitsFailed", retry_of as "retryOf", triggered_by = 'schedule' as "isScheduled" from runs order by id`),
    units: Units.parse(await tx.$queryRaw`select run_id as "runId", seq, kind::text, status::text, attempt, items_done as "itemsDone" from run_units order by run_id, seq`),
    writes: Writes.parse(await tx.$queryRaw`select run_id as "runId", seq, attempt, key from chaos_writes order by id`),
    steps: Steps.parse(await tx.$queryRaw`
      select run_id as "runId", unit_seq as "unitSeq", attempt, step_key as key, status::text, completed_at is not null as ended,
             case when status = 'ok' then output_json::jsonb->>'receipt' end as receipt from run_steps order by run_id, seq`),
    events: Events.parse(await tx.$queryRaw`select run_id as "runId", type from run_events where run_id is not null and type like 'run.%' order by id`),
    jobs: Jobs.parse(await tx.$queryRaw`
      select payload->>'runId' as "runId", (payload->>'seq')::int as seq from graphile_worker._private_jobs where payload::jsonb ? 'runId'`),
  }), { isolationLevel: "RepeatableRead", timeout: 60_000 });
}

/** Runs that have not ended, and jobs that nobody has done. */
export async function countOpen({ db }: Ctx): Promise<number> {
  const [row] = await db.$queryRaw<{ open: bigint }[]>`
    select (select count(*) from runs where status in ('pending', 'running')) + (select count(*) from graphile_worker._private_jobs where payload::jsonb ? 'runId') as open`;
  return Number(row?.open ?? 0);
}
