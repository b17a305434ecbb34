/** What is said of one operation of REST. Handlers parse with the same schemas that stand here. */
import { z } from "zod";
import type { Permission } from "#lib/access/rules";
import type { ErrorCode } from "#lib/errors";

export const METHODS = ["get", "post", "put", "patch", "delete"] as const;
export type Method = (typeof METHODS)[number];

/** The chapters of the document, in its order. */
export const TAGS = {
  Runs: "Lists, one run, what happened in it, and acts on it.",
  Bulk: "One act on every run that matches a filter.",
  Pipelines: "Pipelines and stages: what there is, starting it, holding it back.",
  Schedules: "Starting by the clock.",
  Errors: "Failures of one kind, and known causes.",
  "LLM calls": "Every model call: what was asked, what came back, what it cost.",
  Trading: "The desk of the trading pipeline.",
  Imports: "Getting mail, prices and news in.",
  Live: "Events as they happen, and the feed of what happened.",
  Views: "Saved views of a list.",
  Workers: "Processes that take units.",
  Access: "Keys, people, and the log of what everybody did.",
  "Run list of the ML pipeline service": "Endpoints kept word for word for programs that know that service.",
  "Agent runs": "Endpoints kept word for word for programs that know the agent-runs system.",
  "Backtest jobs": "Endpoints kept word for word for programs that know the job manager.",
  "Stage runs": "Endpoints kept word for word for programs that know the stage-runs system.",
  Server: "Whether it is well, what it can do, and figures for monitoring.",
} as const;
export type Tag = keyof typeof TAGS;

/** Another form than JSON. `none`: there is no body. */
export type Media = "none" | "text/event-stream" | "text/csv" | "application/x-ndjson" | "text/plain" | "application/octet-stream" | "application/json";

export type Operation = {
  method: Method;
  /** As the document has it: `/api/v1/runs/{id}`. */
  path: `/${string}`;
  tag: Tag;
  summary: string;
  description?: string;
  /** What one must be allowed to do; null for whoever asks. Several: all of them. */
  permission: Permission | readonly Permission[] | null;
  /** This one instead will do. */
  or?: Permission;
  params?: z.ZodObject;
  query?: z.ZodType;
  headers?: z.ZodObject;
  body?: { schema: z.ZodType; example: unknown } | { media: Media; description: string };
  /** The answer when all is well. `also` are other successes, such as 200 for a repeated idempotency key. */
  status?: 200 | 201 | 202 | 204;
  answer: z.ZodType | Media;
  also?: Record<string, string>;
  /** Refusals besides those that every operation has. */
  errors?: readonly ErrorCode[];
  /** Refuses in the words of the system it comes from: `error` and `message` beside the members of a problem. */
  isSeed?: true;
};

/** Its name in the document and in generated clients: `get /api/v1/runs/{id}` is `getRunsById`. */
export function operationId({ method, path }: Pick<Operation, "method" | "path">): string {
  const words = path.replace(/^\/api\/v1\//, "/").split("/").filter(Boolean).map((part) => (part.startsWith("{") ? `by-${part.slice(1, -1)}` : part));
  return [method, ...words].join("-").replace(/[-_.]+([a-zA-Z])/g, (_, letter: string) => letter.toUpperCase()).replace(/[^a-zA-Z0-9]/g, "");
}

export const permissionsOf = ({ permission }: Operation): readonly Permission[] => (permission === null ? [] : typeof permission === "string" ? [permission] : permission);

/** Numbers in a path: a run may be written `#1042`, too. */
const numbered = (what: string, example: string) => z.object({ id: z.string().regex(/^[1-9]\d{0,14}$/).meta({ description: `The number of ${what}.`, examples: [example] }) });
export const RunPath = z.object({ id: z.string().regex(/^#?[1-9]\d{0,14}$/).meta({ description: "The number of the run.", examples: ["1042"] }) });
export const StepPath = RunPath.extend({ seq: z.string().regex(/^\d{1,9}$/).meta({ description: "The number of the step in its run.", examples: ["3"] }) });
export const GroupPath = numbered("the error group", "12");
export const SchedulePath = numbered("the schedule", "4");
export const WorkerPath = numbered("the worker", "7");
export const BulkPath = numbered("the bulk action", "3");
export const CausePath = numbered("the known cause", "2");
export const ViewPath = numbered("the view", "5");
export const CallPath = z.object({ id: z.string().regex(/^#?[1-9]\d{0,14}$/).meta({ description: "The number of the call.", examples: ["12"] }) });
export const PromptPath = z.object({ name: z.string().max(100).meta({ description: "The prompt's name.", examples: ["classify-sender"] }) });
export const PipelinePath = z.object({ pipeline: z.string().max(50).meta({ description: "The pipeline's name.", examples: ["mail"] }) });
export const StagePath = PipelinePath.extend({ stage: z.string().max(50).meta({ description: "The stage's name.", examples: ["content"] }) });
export const JobPath = z.object({ job_id: z.string().meta({ description: "The job's id.", examples: ["8c1f6e0a-4a53-4c1e-9a6f-2f6f5a0f6a10"] }) });

export const IdempotencyKey = z.object({
  "Idempotency-Key": z.string().regex(/^[\x21-\x7e]{1,255}$/).optional().meta({ description: "Within 24 hours the same key and the same request are answered with the run that they made the first time; with another request the key is refused.", examples: ["nightly-2026-03-02"] }),
});
