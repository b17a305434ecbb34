/** How model calls get into the audit: written before they are made, ended once, never changed. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Counted } from "#lib/ai/llm-error";
import type { Ctx } from "#lib/ctx";
import { type Sql, sql } from "#lib/db/client";
import { storable } from "#lib/db/storable";
import { priceAt } from "#lib/llm-prices/queries";
import { secretForms } from "#lib/secrets";
import { maskText } from "./rules.ts";

/** A question, and who asks it. */
export type CallStart = {
  runId: number;
  stepId: number | null;
  unitSeq: number;
  unitAttempt: number;
  pipeline: string;
  stage: string;
  provider: string;
  model: string;
  role: string;
  template: string | null;
  templateVersion: string | null;
  subject: string | null;
  /** For whom; of a pipeline that has accounts. */
  accountId?: number | null;
  /** From 1 for each question. */
  attempt: number;
  systemPrompt: string | null;
  prompt: string | null;
};

/** What became of it. Counts are null where the provider gave none. */
export type CallEnd = Partial<Counted> & {
  status: "ok" | "error" | "cancelled";
  responseRaw?: string | null;
  /** As the schema took it; undefined when nothing fitted. */
  responseParsed?: unknown;
  error?: string;
  errorClass?: string;
  finishReason?: string | null;
  durationMs: number;
};

export type PromptToKeep = { name: string; version: string; role: string; system: string; text: string };
/** Versions that this process has written, or found there. */
const keptPrompts = new WeakMap<Ctx["db"], Set<string>>();

/** Keeps what a template says, once for each version: the library shows it when the pipelines have moved on. */
export async function keepPrompt({ db }: Ctx, { name, version, role, system, text }: PromptToKeep): Promise<void> {
  const known = keptPrompts.get(db) ?? new Set();
  keptPrompts.set(db, known);
  if (known.has(`${name} ${version}`)) return;
  await db.$executeRaw`
    insert into prompt_texts (name, version, role, system_prompt, text) values (${name}, ${version}, ${role}, ${storable(system)}, ${storable(text)}) on conflict do nothing`;
  known.add(`${name} ${version}`);
}

const Id = z.object({ id: z.coerce.number() });
const Ended = z.object({ id: z.coerce.number(), cost_usd: z.coerce.number().nullable() });

/** Writes a call as `running`, before it is made: what remains if the process dies in it. Returns its id. */
export async function beginCall(ctx: Ctx, start: CallStart): Promise<number> {
  const [begun] = z.array(Id).parse(await ctx.db.$queryRaw`insert into llm_calls (${START_COLUMNS}, status) values (${startValues(start)}, 'running') returning id`);
  if (!begun) throw new Error("The call was written and is not there");
  return begun.id;
}

/**
 * Ends a running call, with its cost by the price that was valid when it began; of two that end it one does.
 * A model without a price, or an answer without counts, costs null: unknown is not free.
 */
export async function endCall(ctx: Ctx, callId: number, who: { provider: string; model: string }, end: CallEnd): Promise<{ costUsd: number | null }> {
  const { inputTokens, cachedTokens, outputTokens, reasoningTokens, totalTokens, responseRaw, responseParsed, error } = end;
  const secrets = secretForms();
  const rows = await ctx.db.$queryRaw`
    with price as (${priceAt(who.model, who.provider, sql`(select created_at from llm_calls where id = ${callId}::bigint)`)})
    update llm_calls
       set status = ${end.status}::llm_call_status,
           response_raw = ${responseRaw == null ? null : maskText(responseRaw, secrets)},
           response_parsed = ${responseParsed === undefined ? null : maskText(JSON.stringify(responseParsed) ?? "null", secrets)}::jsonb,
           error = ${error === undefined ? null : maskText(error, secrets)}, error_class = ${end.errorClass ?? null}, finish_reason = ${end.finishReason ?? null},
           input_tokens = ${inputTokens ?? null}::int, cached_tokens = ${cachedTokens ?? null}::int, output_tokens = ${outputTokens ?? null}::int,
           reasoning_tokens = ${reasoningTokens ?? null}::int, total_tokens = ${totalTokens ?? null}::int,
           cost_usd = (select ${costOf(inputTokens ?? null, cachedTokens ?? null, outputTokens ?? null)} from price),
           price_id = (select price.id from price where ${inputTokens ?? null}::int is not null and ${outputTokens ?? null}::int is not null),
           duration_ms = ${Math.round(end.durationMs)}::int
     where id = ${callId}::bigint and status = 'running'
    returning id, cost_usd`;
  const [ended] = z.array(Ended).parse(rows);
  return { costUsd: ended?.cost_usd ?? null };
}

/** A call that is over when it is written: of the local analyser, or one that was never sent. It costs nothing that is known. */
export async function recordCall(ctx: Ctx, start: CallStart, end: CallEnd): Promise<void> {
  const secrets = secretForms();
  await ctx.db.$executeRaw`
    insert into llm_calls (${START_COLUMNS}, status, response_parsed, error, error_class, duration_ms)
    values (${startValues(start, secrets)}, ${end.status}::llm_call_status, ${end.responseParsed === undefined ? null : maskText(JSON.stringify(end.responseParsed) ?? "null", secrets)}::jsonb,
            ${end.error === undefined ? null : maskText(end.error, secrets)}, ${end.errorClass ?? null}, ${Math.round(end.durationMs)}::int)`;
}

/** Calls of a unit whose worker has died, or that was ended over its head: nobody waits for their answer any more. */
export function abandonCalls(ctx: Ctx, unit: { runId: number; seq: number; attempt: number }, why: string): Promise<number> {
  return ctx.db.$executeRaw`
    update llm_calls
       set status = 'error', error = ${why}, error_class = 'WorkerDied', duration_ms = least(extract(epoch from clock_timestamp() - created_at) * 1000, 2147483647)::int
     where run_id = ${unit.runId}::bigint and unit_seq = ${unit.seq} and unit_attempt = ${unit.attempt} and status = 'running'`;
}

/** Calls that are under way for longer than any may take: whatever ended their unit did not end them. */
export function abandonLostCalls(ctx: Ctx): Promise<number> {
  return ctx.db.$executeRaw`
    update llm_calls set status = 'error', error = 'Nobody ended it: what became of it is not known', error_class = 'Lost'
     where status = 'running' and created_at < clock_timestamp() - interval '30 min'`;
}

const START_COLUMNS = sql`run_id, pipeline_step_id, unit_seq, unit_attempt, pipeline, stage, provider, model, role, template, template_version, subject, account_id, attempt, system_prompt, prompt`;

/** The run may have been deleted meanwhile; the call was made all the same, and is kept without it. */
function startValues(start: CallStart, secrets = secretForms()): Sql {
  const mask = (text: string) => maskText(text, secrets);
  return sql`
    (select id from runs where id = ${start.runId}::bigint), (select id from run_steps where id = ${start.stepId}::bigint), ${start.unitSeq}::int, ${start.unitAttempt}::int, ${start.pipeline}, ${start.stage},
    ${start.provider.slice(0, 50)}, ${start.model.slice(0, 100)}, ${start.role.slice(0, 50)}, ${start.template?.slice(0, 100) ?? null}, ${start.templateVersion},
    ${start.subject === null ? null : mask(start.subject).slice(0, 500)}, (select id from accounts where id = ${start.accountId ?? null}::int), ${start.attempt}::int, ${start.systemPrompt === null ? null : mask(start.systemPrompt)}, ${start.prompt === null ? null : mask(start.prompt)}`;
}

/** US dollars by `price`, in decimals and to the eighth place; cached input apart, reasoning as the output that it is. */
const costOf = (input: number | null, cached: number | null, output: number | null): Sql => sql`
  case when ${input}::int is not null and ${output}::int is not null then least(round(((${input}::numeric - coalesce(${cached}::numeric, 0)) * price.input_usd + coalesce(${cached}::numeric, 0) * coalesce(price.cached_usd, price.input_usd)
               + ${output}::numeric * price.output_usd) / 1000000, 8), 9999.99999999) end`;

/** What stands for a picture in the recorded prompt: pictures themselves would make the audit the largest thing in the database. */
export const describeImage = ({ mimeType, base64 }: { mimeType: string; base64: string }, place: number): string => {
  const bytes = Buffer.from(base64, "base64");
  return `[picture ${place + 1}: ${mimeType}, ${bytes.length} bytes, sha256 ${createHash("sha256").update(bytes).digest("hex")}]`;
};
