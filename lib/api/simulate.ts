/** The job manager's endpoints in the seed's words: bodies in, jobs and results out, its shape of errors. */
import "server-only";
import { z } from "zod";
import type { Ctx } from "#lib/ctx";
import { AppError, ERROR_CODES, type ErrorCode, messageOf } from "#lib/errors";
import { log } from "#lib/log";
import { readObject } from "./body.ts";
import { toAppError } from "./problem.ts";
import { type ApiRequest, answerPlain, route } from "./route.ts";
import { JOB_PAGE_SIZE } from "#lib/backtests/queries";
import { DateText, isDate, LOOKBACK_DAYS, SimulateParams } from "#lib/backtests/fields";
import type { StartJobInput } from "#lib/backtests/mutations";
import type { JobDetail, ModelDay } from "#lib/backtests/queries";
import { addDays } from "#lib/backtests/rules";

const WORDS: Partial<Record<ErrorCode, string>> = { CONFLICT: "conflict", NOT_FOUND: "not_found", UNAVAILABLE: "unavailable", INVALID: "invalid_request", UNAUTHENTICATED: "unauthorized" };

/** A refusal as the seed tells it, in a problem document: `error` and `message` are the seed's, the rest is what every other door says. */
export function answerRefusal(status: number, error: string, message: string, more: Record<string, unknown> = {}): Response {
  const title = Object.values(ERROR_CODES).find((code) => code.status === status)?.title ?? "Internal error";
  return answerPlain({ ...more, error, message, type: "about:blank", title, status, detail: message }, { status, headers: { "Content-Type": "application/problem+json", ...(status === 503 && { "Retry-After": "2" }), ...(status === 401 && { "WWW-Authenticate": "Bearer" }) } });
}

/** As `route`, with the seed's shape of errors: a database that is away is 503, whatever is wrong with the request 400. */
export const seedRoute = <P = Record<string, never>>(handler: (ctx: Ctx, request: ApiRequest<P>) => Promise<Response>) => route(handler, refuseAsSeed);

function refuseAsSeed(thrown: unknown): Response {
  const refusal = toAppError(thrown);
  if (!refusal) {
    log.error(messageOf(thrown), { error: thrown });
    return answerRefusal(500, "internal_error", "Something went wrong in Penstock itself. The log has the details.");
  }
  if (refusal.code === "UNAVAILABLE") return answerRefusal(503, "unavailable", "Database temporarily unavailable", { details: refusal.message });
  const { status } = ERROR_CODES[refusal.code];
  return answerRefusal(status === 422 ? 400 : status, WORDS[refusal.code] ?? refusal.code.toLowerCase(), refusal.message, { code: refusal.code, details: { ...refusal.details, faults: refusal.faults }, ...(refusal.faults.length > 0 && { errors: refusal.faults }) });
}

const NAMES = z.array(z.string().trim().min(1).max(100).refine((name) => !name.includes(","), "a name holds no comma"));

/** What the three generations of clients send: nothing, a config path, a list of dates, or a start (which may be null) and an end. */
export const TriggerBody = z.object({
  config_path: z.string().max(1_000).nullish(),
  date_range: z.array(DateText).min(1).nullish(),
  start_date: DateText.nullish(),
  end_date: DateText.nullish(),
  models: NAMES.nullish(),
  symbols: NAMES.nullish(),
  replace_existing: z.boolean().nullish(),
  initial_cash: SimulateParams.shape.startingCash.unwrap().nullish(),
});

export async function parseTrigger(request: Request): Promise<StartJobInput> {
  const body = TriggerBody.parse(await readObject(request));
  return {
    configPath: body.config_path ?? "",
    params: {
      from: body.start_date ?? "",
      to: body.end_date ?? "",
      dates: body.date_range?.join(",") ?? "",
      models: body.models?.join(",") ?? "",
      symbols: body.symbols?.join(",") ?? "",
      replaceExisting: body.replace_existing ?? false,
      ...(body.initial_cash != null && { startingCash: body.initial_cash }),
    },
  };
}

export const JobsRequest = z.object({ limit: z.coerce.number().int().min(1).max(200).default(JOB_PAGE_SIZE), cursor: z.uuid().optional() });

const stamp = (at: Date | null): string | null => at?.toISOString() ?? null;
const rounded = (seconds: number | null): number | null => (seconds === null ? null : Math.round(seconds * 1_000) / 1_000);

export function printModelDay({ date, model, status, startedAt, completedAt, durationSeconds, error }: ModelDay) {
  return { date, model, status, started_at: stamp(startedAt), completed_at: stamp(completedAt), duration_seconds: rounded(durationSeconds), error };
}

/** Progress as the seed has it, and more exact counts besides. `total_model_days` counts skipped ones too. */
export function printProgress({ counts, dates, models }: JobDetail, details: ModelDay[]) {
  const current = details.find(({ status }) => status === "running");
  const total = details.length > 0 ? details.length : dates.length * models.length;
  return {
    total_model_days: total,
    completed: counts.completed,
    failed: counts.failed,
    pending: counts.pending,
    running: counts.running,
    skipped: counts.skipped,
    cancelled: counts.cancelled,
    current: current ? { date: current.date, model: current.model } : null,
    details: details.map(printModelDay),
  };
}

/** The columns of a job. */
export function printJob(job: JobDetail) {
  return {
    job_id: job.jobId,
    run_id: job.runId,
    status: job.status,
    config_path: job.configPath,
    date_range: job.dates,
    models: job.models,
    symbols: job.symbols,
    replace_existing: job.replaceExisting,
    created_at: stamp(job.createdAt),
    started_at: stamp(job.startedAt),
    completed_at: stamp(job.completedAt),
    updated_at: stamp(job.updatedAt),
    total_duration_seconds: rounded(job.totalDurationSeconds),
    error: job.error,
    warnings: job.warnings,
  };
}

/** A job with its progress, as `GET /simulate/status/{job_id}` tells it. */
export function printStatus(job: JobDetail, details: ModelDay[]) {
  const progress = printProgress(job, details);
  return { ...printJob(job), progress, details: progress.details };
}

export const ResultsQuery = z.object({
  job_id: z.string().optional(),
  model: z.string().max(100).optional(),
  date: z.string().optional(),
  start_date: z.string().optional(),
  end_date: z.string().optional(),
  reasoning: z.enum(["none", "summary", "full"]).optional(),
  detail: z.enum(["minimal", "full"]).optional(),
});
export type ResultsRequest = { jobId?: string; model?: string; from?: string; to?: string; isSingle: boolean; reasoning: "none" | "summary" | "full" };

/** What `GET /results` is asked for. `date` is one day, as the seed has it; without any date a job's own days, or the last 30. */
export function parseResults(search: URLSearchParams, today: string): ResultsRequest {
  const query = ResultsQuery.parse(Object.fromEntries([...search].filter(([, value]) => value !== "")));
  for (const date of [query.date, query.start_date, query.end_date]) {
    if (date === undefined) continue;
    const path = date === query.date ? "date" : date === query.start_date ? "start_date" : "end_date";
    if (!isDate(date)) throw new AppError("INVALID", "Invalid date format. Expected YYYY-MM-DD", { faults: [{ path, message: "is no date" }] });
    if (date > today) throw new AppError("INVALID", "Cannot query future dates", { faults: [{ path, message: "lies in the future" }] });
  }
  if (query.date !== undefined && (query.start_date !== undefined || query.end_date !== undefined)) throw new AppError("INVALID", "Say either date, or start_date and end_date.", { faults: [{ path: "date", message: "cannot stand beside them" }] });
  const from = query.date ?? query.start_date ?? query.end_date;
  const to = query.date ?? query.end_date ?? query.start_date;
  if (from !== undefined && to !== undefined && from > to) throw new AppError("INVALID", "start_date must be <= end_date", { faults: [{ path: "start_date", message: "is after end_date" }] });
  const range = from !== undefined ? { from, to } : query.job_id !== undefined ? {} : { from: addDays(today, -LOOKBACK_DAYS), to: today };
  return {
    ...range,
    ...(query.job_id !== undefined && { jobId: query.job_id }),
    ...(query.model !== undefined && { model: query.model }),
    isSingle: from !== undefined && from === to,
    reasoning: query.reasoning ?? (query.detail === "full" ? "full" : "none"),
  };
}
