import { type Sql, sql } from "#lib/db/client";
import type { CallStatus } from "../fields.ts";

/** A call as lists show it: never its texts. */
export type CallRow = {
  id: number;
  runId: number | null;
  stepSeq: number | null;
  pipeline: string | null;
  stage: string | null;
  status: CallStatus;
  provider: string;
  model: string;
  role: string;
  template: string | null;
  templateVersion: string | null;
  subject: string | null;
  attempt: number;
  inputTokens: number | null;
  cachedTokens: number | null;
  outputTokens: number | null;
  reasoningTokens: number | null;
  totalTokens: number | null;
  /** In US dollars; exact to the eighth place in the database. */
  costUsd: number | null;
  durationMs: number | null;
  /** The first 300 characters. */
  error: string | null;
  errorClass: string | null;
  createdAt: Date;
};

/** What PostgreSQL answers for `CALL_ROW`. */
export type StoredCallRow = Omit<CallRow, "id" | "runId"> & { id: bigint; runId: bigint | null };

/** The columns of a `CallRow` from `llm_calls c`. */
export const CALL_ROW: Sql = sql`
  c.id, c.run_id as "runId", (select s.seq from run_steps s where s.id = c.pipeline_step_id) as "stepSeq", c.pipeline, c.stage, c.status, c.provider, c.model, c.role,
  c.template, c.template_version as "templateVersion", left(c.subject, 200) as subject, c.attempt, c.input_tokens as "inputTokens", c.cached_tokens as "cachedTokens",
  c.output_tokens as "outputTokens", c.reasoning_tokens as "reasoningTokens", c.total_tokens as "totalTokens", c.cost_usd::float8 as "costUsd", c.duration_ms as "durationMs",
  left(c.error, 300) as error, c.error_class as "errorClass", c.created_at as "createdAt"`;

export const toCallRow = ({ id, runId, ...rest }: StoredCallRow): CallRow => ({ id: Number(id), runId: runId === null ? null : Number(runId), ...rest });
