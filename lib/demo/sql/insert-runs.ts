/** How made-up runs get into the tables: one statement a table and batch, so that a month of them takes seconds. */
import { z } from "zod";
import type { Db } from "#lib/db/client";
import { priceName } from "#lib/llm-prices/rules";
import { ACCOUNTS } from "../world/people.ts";
import { blockedReason, DEMO_KEY, type DemoRun } from "../rules.ts";

/** Of each run its number, in the order of the list. */
type Numbered = { runs: readonly DemoRun[]; ids: readonly number[] };

const at = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const durationMs = ({ startedAt, completedAt }: { startedAt: number | null; completedAt: number }): number | null => (startedAt === null ? null : completedAt - startedAt);
const text = (json: unknown): string | null => (json === null ? null : JSON.stringify(json));

/** Runs `from` to `to` of the list with their units, steps, calls, subjects, logs and annotations. */
export async function insertRuns(db: Db, { runs, ids }: Numbered, { from, to, batch }: { from: number; to: number; batch: string }): Promise<void> {
  const idOf = (place: number | null): number | null => (place === null ? null : (ids[place] ?? null));
  const reasonOf = ({ blockedBy, reason }: DemoRun): string | null => {
    const blocker = blockedBy === null ? undefined : runs[blockedBy];
    return blocker ? blockedReason(blocker, idOf(blockedBy) ?? 0) : reason;
  };
  const part = runs.slice(from, to).map((run, index) => ({ run, id: ids[from + index] ?? 0 }));
  const each = <T, R>(list: (run: DemoRun) => readonly T[], row: (member: T, run_id: number) => R): string => JSON.stringify(part.flatMap(({ run, id }) => list(run).map((member) => row(member, id))));

  const rows = JSON.stringify(part.map(({ run, id }) => ({
    id, pipeline: run.pipeline, stage: run.stage, status: run.status, outcome: run.outcome, reason: reasonOf(run), params: run.params, config_snapshot: run.configSnapshot,
    triggered_by: run.triggeredBy, created_by: run.createdBy, exclusive_key: run.exclusiveKey, group_id: idOf(run.group), waits_for: run.waitsFor.map(idOf), retry_of: idOf(run.retryOf),
    items_processed: run.itemsProcessed, items_failed: run.itemsFailed, items_total: run.itemsTotal, units_total: run.unitsTotal, units_done: run.unitsDone, units_failed: run.unitsFailed,
    last_step_seq: run.steps.length, wave: run.wave, hold: run.hold, error_class: run.errorClass, error_message: run.errorMessage, cancel_requested_at: at(run.cancelRequestedAt),
    created_at: at(run.createdAt), started_at: at(run.startedAt), completed_at: at(run.completedAt), duration_ms: durationMs(run),
  })));
  await db.$executeRaw`
    insert into runs (id, pipeline, stage, status, outcome, reason, params, config_snapshot, triggered_by, created_by, exclusive_key, group_id, waits_for, retry_of,
           items_processed, items_failed, items_total, units_total, units_done, units_failed, last_step_seq, wave, hold, error_class, error_message, cancel_requested_at,
           created_at, started_at, completed_at, duration_ms)
    select * from jsonb_to_recordset(${rows}::jsonb) as r(id bigint, pipeline text, stage text, status run_status, outcome text, reason text, params jsonb, config_snapshot jsonb,
           triggered_by run_trigger, created_by text, exclusive_key text, group_id bigint, waits_for bigint[], retry_of bigint,
           items_processed int, items_failed int, items_total int, units_total int, units_done int, units_failed int, last_step_seq int, wave int, hold boolean, error_class text,
           error_message text, cancel_requested_at timestamptz, created_at timestamptz, started_at timestamptz, completed_at timestamptz, duration_ms int)`;

  const units = each((run) => run.units.map((unit) => ({ ...unit, createdAt: run.startedAt })), (unit, run_id) => ({
    run_id, seq: unit.seq, kind: unit.kind, wave: unit.wave, name: unit.name, status: unit.status, attempt: unit.attempt, input: unit.input, output: unit.output,
    items_done: unit.itemsDone, items_failed: unit.itemsFailed, items_total: unit.itemsTotal, items_saved: unit.itemsDone, error_class: unit.errorClass, error: unit.error,
    created_at: at(unit.createdAt), started_at: at(unit.startedAt), completed_at: at(unit.completedAt), duration_ms: durationMs(unit),
  }));
  await db.$executeRaw`
    insert into run_units (run_id, seq, kind, wave, name, status, attempt, input, output, items_done, items_failed, items_total, items_saved, error_class, error,
           created_at, started_at, completed_at, duration_ms)
    select * from jsonb_to_recordset(${units}::jsonb) as u(run_id bigint, seq int, kind unit_kind, wave int, name text, status unit_status, attempt int, input jsonb, output jsonb,
           items_done int, items_failed int, items_total int, items_saved int, error_class text, error text,
           created_at timestamptz, started_at timestamptz, completed_at timestamptz, duration_ms int)`;

  const steps = each(({ steps }) => steps, (step, run_id) => ({
    run_id, seq: step.seq, unit_seq: step.unitSeq, parent_seq: step.parentSeq, attempt: 1, step_name: step.name, step_key: step.key, status: step.status,
    input_json: text(step.input), output_json: text(step.output), error_class: step.errorClass, error: step.error, duration_ms: durationMs(step),
    started_at: at(step.startedAt), completed_at: at(step.completedAt),
  }));
  await db.$executeRaw`
    insert into run_steps (run_id, seq, unit_seq, parent_seq, attempt, step_name, step_key, status, input_json, output_json, error_class, error, duration_ms, started_at, completed_at)
    select * from jsonb_to_recordset(${steps}::jsonb) as s(run_id bigint, seq int, unit_seq int, parent_seq int, attempt int, step_name text, step_key text, status step_status,
           input_json text, output_json text, error_class text, error text, duration_ms int, started_at timestamptz, completed_at timestamptz)`;

  const calls = each(({ calls }) => calls, (call, run_id) => ({
    run_id, seq: call.stepSeq, provider: call.provider, model: call.model, role: call.role, template: call.template, template_version: call.templateVersion, subject: call.subject, status: call.status, system_prompt: call.systemPrompt, prompt: call.prompt,
    response_raw: text(call.response), response_parsed: call.response, error: call.error, input_tokens: call.inputTokens, output_tokens: call.outputTokens,
    total_tokens: call.inputTokens === null ? null : call.inputTokens + (call.outputTokens ?? 0), price_model: priceName(call.model), duration_ms: call.durationMs, created_at: at(call.at),
  }));
  await db.$executeRaw`
    insert into llm_calls (run_id, pipeline_step_id, provider, model, role, template, template_version, subject, status, system_prompt, prompt, response_raw, response_parsed, error,
           input_tokens, output_tokens, total_tokens, cost_usd, price_id, duration_ms, created_at)
    select c.run_id, s.id, c.provider, c.model, c.role, c.template, c.template_version, c.subject, c.status, c.system_prompt, c.prompt, c.response_raw, nullif(c.response_parsed, 'null'::jsonb), c.error,
           c.input_tokens, c.output_tokens, c.total_tokens, round((c.input_tokens * p.input_usd + c.output_tokens * p.output_usd) / 1000000, 8), p.id, c.duration_ms, c.created_at
      from jsonb_to_recordset(${calls}::jsonb) as c(run_id bigint, seq int, provider text, model text, role text, template text, template_version text, subject text, status llm_call_status, system_prompt text, prompt text,
           response_raw text, response_parsed jsonb, error text, input_tokens int, output_tokens int, total_tokens int, price_model text, duration_ms int, created_at timestamptz)
      join run_steps s on s.run_id = c.run_id and s.seq = c.seq
      left join lateral (select p.id, p.input_usd, p.output_usd from llm_prices p
                          where p.model = c.price_model and p.provider is null and p.valid_from <= c.created_at and c.input_tokens is not null
                          order by p.valid_from desc limit 1) p on true
     order by c.created_at`;

  await insertDesk(db, part);

  const subjects = each((run) => run.subjects, ([key, value], run_id) => ({ run_id, key, value }));
  await db.$executeRaw`
    insert into run_subjects (run_id, key, value)
    select * from jsonb_to_recordset(${subjects}::jsonb) as s(run_id bigint, key text, value text)`;

  const logs = each(({ logs }) => logs, ({ unitSeq, level, line, at: when }, run_id) => ({ run_id, unit_seq: unitSeq, level, line, at: at(when) }));
  await db.$executeRaw`
    insert into run_logs (run_id, unit_seq, level, line, at)
    select * from jsonb_to_recordset(${logs}::jsonb) as l(run_id bigint, unit_seq int, level text, line text, at timestamptz)
     order by l.at`;

  const annotations = each(
    (run) => Object.entries({ ...run.annotations, [DEMO_KEY]: batch }).map(([key, value]) => ({ key, value, at: run.events.find(({ said }) => said?.key === key)?.at ?? run.createdAt })),
    ({ key, value, at: when }, run_id) => ({ run_id, key, value, at: at(when) }),
  );
  await db.$executeRaw`
    insert into run_annotations (run_id, key, value, created_at, updated_at)
    select a.run_id, a.key, a.value, a.at, a.at from jsonb_to_recordset(${annotations}::jsonb) as a(run_id bigint, key text, value text, at timestamptz)`;
}

/** Accounts of the demo are known by their login: nobody else's begins so. */
export const DEMO_LOGIN = "demo/";
/** Far from those that the sequence gives: the first real account is number 1, which a signal takes unless told otherwise. */
const DEMO_ACCOUNT_ID = 2_000_000_000;
const DeskParams = z.object({ account: z.enum(ACCOUNTS), symbol: z.string().optional() });

/** What runs of the trading desk are about, with their accounts. A review of several positions is about no one symbol, and has none. */
async function insertDesk(db: Db, part: { run: DemoRun; id: number }[]): Promise<void> {
  const rows = JSON.stringify(part.flatMap(({ run, id }) => {
    const params = DeskParams.safeParse(run.params);
    if (run.pipeline !== "trading" || !params.success) return [];
    const seen = run.subjects.filter(([key]) => key === "symbol").map(([, value]) => value);
    const symbol = params.data.symbol ?? (seen.length === 1 ? seen[0] : undefined);
    return symbol === undefined ? [] : [{ run_id: id, account_id: DEMO_ACCOUNT_ID + ACCOUNTS.indexOf(params.data.account), account: params.data.account, symbol, task: run.stage }];
  }));
  await db.$executeRaw`
    insert into accounts (id, name, broker, login, paper_trade_enabled)
    select distinct account_id, account, 'Demo broker', ${DEMO_LOGIN}::text || account, true from jsonb_to_recordset(${rows}::jsonb) as d(account_id int, account text)
        on conflict do nothing`;
  await db.$executeRaw`
    insert into trading_runs (run_id, account_id, symbol, timeframe, task_type)
    select run_id, account_id, symbol, 'M15', task from jsonb_to_recordset(${rows}::jsonb) as d(run_id bigint, account_id int, symbol text, task text)`;
}

/**
 * The events of all runs in the order of time, as history: their transaction is PostgreSQL's oldest number, before
 * every position that a live reader may have, so that no open page is sent a month of news.
 */
export async function insertEvents(db: Db, { runs, ids }: Numbered): Promise<void> {
  const events = runs.flatMap((run, place) => run.events.map((event) => ({ run, event, id: ids[place] ?? 0 }))).toSorted((a, b) => a.event.at - b.event.at);
  const rows = JSON.stringify(events.map(({ run, event, id }) => ({ run_id: id, type: event.type, actor: event.actor, at: at(event.at), data: dataOf(run, event) })));
  await db.$executeRaw`
    insert into run_events (run_id, type, actor, data, at, txid)
    select e.run_id, e.type, e.actor, e.data, e.at, '3'::xid8
      from jsonb_to_recordset(${rows}::jsonb) as e(run_id bigint, type text, actor text, data jsonb, at timestamptz)
     order by e.at`;
}

/** What the engine tells with an event of this type (lib/runs/mutations.ts, lib/annotations/mutations.ts). */
function dataOf(run: DemoRun, { type, status, said }: DemoRun["events"][number]): object {
  const { pipeline, stage } = run;
  if (type === "run.pending" || type === "run.cancel_requested") return { pipeline, stage, status };
  if (said) return { pipeline, stage, status, ...said };
  const ended = type !== "run.running";
  return {
    pipeline, stage, status, itemsProcessed: ended ? run.itemsProcessed : 0, itemsFailed: ended ? run.itemsFailed : 0,
    durationMs: ended ? durationMs(run) : null, error: ended ? (run.errorMessage?.slice(0, 300) ?? null) : null,
  };
}
