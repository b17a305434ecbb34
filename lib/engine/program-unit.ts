/** One unit of a stage that runs a program: what the program is given, and what becomes of what it says. */
import { stripVTControlCharacters } from "node:util";
import { MASK_TEXT } from "#lib/format/mask";
import { KeyLines, redact, secretForms } from "#lib/secrets";
import { type Json, MAX_LOG_LINES, type OpenStep, type StepEnd, type UnitCtx } from "./define.ts";
import type { Program } from "./program.ts";
import { type Line, MAX_LINE_BYTES } from "./program-lines.ts";
import { type ProgramEnd, ProgramError, runProgram } from "./program-process.ts";
import { type ProgramMessage, readMessage } from "./program-protocol.ts";

/** What every program sees of the worker's environment. */
const ALWAYS = ["PATH", "HOME", "LANG", "TZ"];
/** Lines of standard error that a failure is told with, and their length together, in characters. */
const LAST_LINES = 20;
const LAST_CHARS = 2_000;
/** Of a line that is log, so much is looked at, in bytes. */
const LOG_BYTES = 16_384;
/** Steps that may be open at a time. */
const MAX_OPEN = 1_000;

type Ctx = UnitCtx<unknown>;

/** @throws ProgramError `ExitCode 3` or `Signal SIGKILL`, and what `runProgram` throws */
export async function runProgramUnit(ctx: Ctx, program: Program, unit: string): Promise<Json | void> {
  const missing = program.env.filter((name) => process.env[name] === undefined);
  if (missing.length > 0) ctx.log(`Not set on this worker, so the program does not see it: ${missing.join(", ")}`, "warn");
  const params = ctx.params as Record<string, Json>;
  const listener = listen(ctx);
  let end: ProgramEnd;
  try {
    end = await runProgram({
      argv: program.input === "args" ? [...program.argv, ...argsOf(params)] : program.argv,
      cwd: program.cwd,
      env: envOf(ctx, program, unit, process.env),
      stdin: program.input === "stdin" ? JSON.stringify(params) : null,
      signal: ctx.signal,
      onLines: listener.onLines,
    });
  } catch (error) {
    await listener.close("Interrupted", error);
    throw error;
  }
  if (end.code === 0) {
    await listener.close("The program ended without ending this step");
    return listener.result();
  }
  const failure = failureOf(end, listener.lastLines());
  await listener.close(`The program ended in the middle of it (${failure.name})`, failure);
  throw failure;
}

/** `--name=value`, in one word, so that a value that begins with "-" is a value; true is the name alone, false and null are left out. */
export function argsOf(params: Record<string, Json>): string[] {
  return Object.entries(params).flatMap(([name, value]) => {
    if (value === null || value === undefined || value === false) return [];
    if (value === true) return [`--${name}`];
    return [`--${name}=${typeof value === "object" ? JSON.stringify(value) : value}`];
  });
}

/** Nothing of the worker's environment but what is listed. */
export function envOf(ctx: Pick<Ctx, "runId" | "attempt" | "idempotencyKey">, program: Pick<Program, "env">, unit: string, source: Record<string, string | undefined>): Record<string, string> {
  const seen = [...ALWAYS, ...program.env].flatMap((name) => (source[name] === undefined ? [] : [[name, source[name]] as const]));
  return {
    ...Object.fromEntries(seen),
    PENSTOCK_RUN_ID: String(ctx.runId),
    PENSTOCK_UNIT: unit,
    PENSTOCK_ATTEMPT: String(ctx.attempt),
    PENSTOCK_IDEMPOTENCY_KEY: ctx.idempotencyKey(unit),
  };
}

function failureOf({ code, signal }: ProgramEnd, last: string): ProgramError {
  const name = signal ? `Signal ${signal}` : `ExitCode ${code}`;
  return new ProgramError(name, last || (signal ? `The program was ended by ${signal} and said nothing on its standard error` : `The program ended with exit code ${code} and said nothing on its standard error`));
}

function listen(ctx: Ctx) {
  const secrets = secretForms();
  const open = new Map<string, OpenStep>();
  /** The step that ended last, if badly: what the program failed of, should it end now. */
  let brokenStep: OpenStep | null = null;
  let output: Json | undefined;
  let lastLines: string[] = [];
  let logged = 0;
  /** Lines over what is kept cost nothing more than being read. */
  const keys = { stdout: new KeyLines(), stderr: new KeyLines() };
  const logLine = (bytes: Buffer, isHidden: boolean) => {
    logged += 1;
    if (logged <= MAX_LOG_LINES + 1) ctx.log(isHidden ? MASK_TEXT : textOf(bytes, secrets));
  };

  const parentOf = (id: string | undefined): OpenStep | undefined => (id === undefined ? undefined : open.get(id));
  async function end(step: OpenStep, { status, output, error, errorClass, durationMs }: Partial<StepEnd>): Promise<void> {
    const known = status ?? (error === undefined ? "ok" : "error");
    await step.end({ status: known, output, error: error ?? (known === "error" ? "The program gave no reason" : undefined), errorClass: known === "error" ? (errorClass ?? "Error") : errorClass, durationMs });
    brokenStep = known === "error" ? step : null;
  }

  async function obey(message: ProgramMessage): Promise<void> {
    switch (message.penstock) {
      case "items":
        if (message.total !== undefined) ctx.items.total(message.total);
        if (message.done) ctx.items.done(message.done);
        return;
      case "failed":
        return ctx.items.failed({ item: message.item, error: new ProgramError(message.errorClass ?? "Error", message.error) });
      case "step":
        return end(await ctx.begin(message.name, message.input ?? null, parentOf(message.parent)), message);
      case "begin":
        if (open.has(message.step)) return ctx.log(`Step ${message.step} has begun already, and is not begun again`, "warn");
        if (open.size >= MAX_OPEN) return ctx.log(`${MAX_OPEN} steps are open, and no more are begun`, "warn");
        open.set(message.step, await ctx.begin(message.name, message.input ?? null, parentOf(message.parent)));
        return;
      case "end": {
        const step = open.get(message.step);
        if (!step) return ctx.log(`Step ${message.step} has not begun, so it cannot end`, "warn");
        open.delete(message.step);
        return end(step, message);
      }
      case "llm": {
        const { penstock: _, parent, ...call } = message;
        return ctx.llm.record({ ...call, step: parentOf(parent) });
      }
      case "log":
        return ctx.log(message.line, message.level);
      case "result":
        output = message.output;
        return;
      case "outcome":
        return ctx.outcome(message.action, { hold: message.hold });
      case "annotation":
        return ctx.annotate(message.key, message.value).catch((error) => {
          if (error?.name === "SupersededError") throw error;
          ctx.log(`The annotation ${message.key} was not set: ${error.message}`, "warn");
        });
    }
  }

  async function onOut({ bytes, isCut }: Line): Promise<void> {
    const mayBeMessage = bytes.includes("{") && bytes.includes('"penstock"');
    if (!mayBeMessage) return logLine(bytes, keys.stdout.hides(bytes));
    const read = isCut ? { fault: `it is longer than ${MAX_LINE_BYTES / 1_048_576} MiB` } : readMessage(redact(bytes.toString(), secrets));
    if (read === null) return logLine(bytes, false);
    if ("message" in read) return obey(read.message);
    ctx.log(`Not understood, as ${read.fault}: ${textOf(bytes, secrets).slice(0, 500)}`, "warn");
  }

  return {
    onLines: async (from: "stdout" | "stderr", lines: Line[]): Promise<void> => {
      if (from === "stdout") {
        for (const line of lines) await onOut(line);
        return;
      }
      const hidden = lines.map(({ bytes }) => keys.stderr.hides(bytes));
      const last = Math.max(0, lines.length - LAST_LINES);
      const texts = lines.slice(last).map(({ bytes }, nth) => (hidden[last + nth] ? MASK_TEXT : textOf(bytes, secrets)));
      lastLines = [...lastLines, ...texts.filter((text) => text.trim() !== "")].slice(-LAST_LINES);
      for (const [nth, { bytes }] of lines.entries()) logLine(bytes, hidden[nth] ?? false);
    },
    result: () => output,
    lastLines: () => lastLines.join("\n").slice(-LAST_CHARS),
    /** Ends what is still open, the last that began first, and puts the blame where the program stood. */
    close: async (why: string, failure?: unknown): Promise<void> => {
      const left = [...open.values()].toReversed();
      if (failure instanceof Error) (left[0] ?? brokenStep)?.blame(failure);
      open.clear();
      for (const step of left) await step.end({ status: "error", error: why, errorClass: failure instanceof Error ? failure.name : "NotEnded" });
    },
  };
}

/** A line as a terminal would show it: what was overwritten, colours and bytes that are no text are gone. */
function textOf(bytes: Buffer, secrets: readonly string[]): string {
  const text = redact(stripVTControlCharacters(bytes.subarray(0, LOG_BYTES).toString()).replace(/\r+$/, ""), secrets);
  return text.slice(text.lastIndexOf("\r") + 1);
}
