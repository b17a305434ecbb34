import { AppError } from "#lib/errors";
import { FILTER_FIELDS } from "#lib/filters/fields";
import { RUN_STATUSES } from "#lib/runs/rules";
import type { Options, Values } from "./command.ts";

const HELP = "the values are those of the page's address: blue is the whole text, ~blu a part of it, * any text";

/** The filter of the page /runs as flags, by the same names. */
export const FILTER_OPTIONS = {
  id: { type: "string", multiple: true, value: "n", help: "only these runs" },
  status: { type: "string", multiple: true, choices: RUN_STATUSES, value: "status", help: "only runs in this status" },
  stage: { type: "string", multiple: true, value: "stage", help: "only runs of this stage, such as content or mail/content" },
  pipeline: { type: "string", multiple: true, value: "pipeline", help: "only runs of this pipeline" },
  query: { type: "string", short: "q", value: "text", help: "only runs with this in stage, pipeline, status or error; #12 is run 12" },
  trigger: { type: "string", multiple: true, choices: FILTER_FIELDS["system/pipeline_run.triggered_by"].choices, value: "door", help: "only runs that came through this door" },
  creator: { type: "string", multiple: true, value: "name", help: "only runs of this person; me is you" },
  outcome: { type: "string", multiple: true, value: "word", help: "only runs that decided this, such as BUY" },
  error: { type: "string", multiple: true, value: "text", help: "only runs with this in their error" },
  items: { type: "string", multiple: true, value: "range", help: "only runs with so many items: 10..100, 10.., ..100" },
  duration: { type: "string", multiple: true, value: "range", help: "only runs that took so long: 30s..5m" },
  llm: { type: "string", choices: ["true", "false"], value: "bool", help: "only runs with, or without, LLM calls" },
  handled: { type: "string", choices: ["true", "false"], value: "bool", help: "only runs that a retry put right, or that none did" },
  created: { type: "string", multiple: true, value: "time", help: "only runs triggered in the last 7d, or 2026-03-01T00:00:00Z.." },
  started: { type: "string", multiple: true, value: "time", help: "the same by when they began" },
  completed: { type: "string", multiple: true, value: "time", help: "the same by when they ended" },
  subject: { type: "string", multiple: true, value: "name=value", help: "only runs about this, such as symbol=EURUSD" },
  annotation: { type: "string", multiple: true, value: "key=value", help: `only runs with this annotation; ${HELP}` },
  not: { type: "string", multiple: true, value: "field=value", help: "leave these out: --not stage=engage --not annotation.team=blue" },
  filter: { type: "string", value: "json", help: "only runs that match this filter tree, for what the others cannot say" },
} as const satisfies Options;

/** The parameters that the flags stand for. @throws AppError INVALID */
export function filterParams(values: Values<typeof FILTER_OPTIONS>): URLSearchParams {
  const { query, subject, annotation, not, stage, ...same } = values;
  const params = new URLSearchParams();
  for (const [name, given] of Object.entries(same)) {
    if (!(name in FILTER_OPTIONS)) continue;
    for (const value of [given].flat()) params.append(name, String(value));
  }
  for (const value of stage ?? []) params.append(value.includes("/") ? "name" : "stage", value);
  if (query) params.append("q", query);
  for (const pair of subject ?? []) append(params, "subject.", "--subject", pair);
  for (const pair of annotation ?? []) append(params, "annotation.", "--annotation", pair);
  for (const pair of not ?? []) append(params, "not.", "--not", pair);
  return params;
}

function append(params: URLSearchParams, prefix: string, flag: string, pair: string): void {
  const at = pair.indexOf("=");
  if (at < 1 || at === pair.length - 1) {
    const message = `wants a name and a value with = between them, not "${pair.slice(0, 100)}"`;
    throw new AppError("INVALID", `${flag} ${message}`, { faults: [{ path: flag, message }] });
  }
  params.append(`${prefix}${pair.slice(0, at)}`, pair.slice(at + 1));
}

/** What `parse` gives; its refusals speak of flags, and count as misuse of the command. */
export function parseFlags<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "MISMATCH") throw error;
    const faults = error.faults.map(({ path, message }) => ({ path: path === "q" ? "--query" : path.startsWith("not.") ? `--not ${path.slice(4)}` : `--${path}`, message }));
    throw new AppError("INVALID", faults.map(({ path, message }) => `${path} ${message}`).join("\n"), { faults });
  }
}
