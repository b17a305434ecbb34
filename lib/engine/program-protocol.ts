/**
 * What a program may say of its work: JSON objects with the key `penstock`, one a line on standard output.
 * Everything else is log. The README tells authors of them; here is what is accepted.
 */
import { z } from "zod";

const Count = z.int().min(0).max(2_147_483_647);
const DurationMs = z.number().min(0).max(2_147_483_647);
const Name = z.string().min(1).max(100);
const Text = z.string().max(1_000_000);
const ErrorClass = z.string().min(1).max(100);
/** A name that the program gives a step of its own, to say later which one it means. */
const StepId = z.union([z.string().min(1).max(100), z.int()]).transform(String);
const Status = z.enum(["ok", "skip", "error"]);

const ended = { status: Status.optional(), output: z.json().optional(), error: Text.optional(), errorClass: ErrorClass.optional(), durationMs: DurationMs.optional() };

export const ProgramMessage = z.discriminatedUnion("penstock", [
  /** So many more items are done; how many there are in all, once that is known. */
  z.strictObject({ penstock: z.literal("items"), done: Count.optional(), total: Count.optional() }),
  /** One item failed; the program goes on. */
  z.strictObject({ penstock: z.literal("failed"), item: z.string().max(500), error: Text, errorClass: ErrorClass.optional() }),
  /** A step that is over. */
  z.strictObject({ penstock: z.literal("step"), name: Name, input: z.json().optional(), parent: StepId.optional(), ...ended }),
  /** A step that begins, and its end. */
  z.strictObject({ penstock: z.literal("begin"), step: StepId, name: Name, input: z.json().optional(), parent: StepId.optional() }),
  z.strictObject({ penstock: z.literal("end"), step: StepId, ...ended }),
  /** A model call that it has made. */
  z.strictObject({
    penstock: z.literal("llm"),
    provider: z.string().min(1).max(50),
    model: z.string().min(1).max(100),
    role: z.string().min(1).max(50).default("program"),
    subject: z.string().max(500).optional(),
    system: Text.optional(),
    prompt: Text.optional(),
    response: Text.optional(),
    parsed: z.json().optional(),
    inputTokens: Count.optional(),
    outputTokens: Count.optional(),
    durationMs: DurationMs.optional(),
    error: Text.optional(),
    parent: StepId.optional(),
  }),
  z.strictObject({ penstock: z.literal("log"), line: Text, level: z.enum(["info", "warn", "error"]).default("info") }),
  /** What the unit has come to: kept as its output. The last word counts. */
  z.strictObject({ penstock: z.literal("result"), output: z.json() }),
  /** What the run has decided. */
  z.strictObject({ penstock: z.literal("outcome"), action: z.string().min(1).max(100), hold: z.boolean().default(false) }),
  z.strictObject({ penstock: z.literal("annotation"), key: z.string().min(1).max(255), value: z.string().max(10_000) }),
]);
export type ProgramMessage = z.infer<typeof ProgramMessage>;

export type ProgramLine = { message: ProgramMessage } | { fault: string } | null;

/** A message, why it is none though it wants to be one, or null for a line of log. */
export function readMessage(line: string): ProgramLine {
  if (!line.trimStart().startsWith("{") || !line.includes('"penstock"')) return null;
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return { fault: "it is no whole JSON" };
  }
  if (typeof said !== "object" || said === null || !("penstock" in said)) return null;
  const parsed = ProgramMessage.safeParse(said);
  if (parsed.success) return { message: parsed.data };
  return { fault: parsed.error.issues.map(({ path, message }) => `${path.join(".") || "it"}: ${message}`).join("; ") };
}
