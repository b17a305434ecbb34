/** Model calls, what they come to, and their prices, as answers have them. */
import { z } from "zod";
import { LlmCallStatus } from "#lib/db/generated/enums";
import type { CallDetail, CallRow } from "#lib/llm-calls/queries";
import type { UsageSums } from "#lib/llm-calls/sql/usage";
import type { getPrompt, Prompt as PromptRow } from "#lib/llm-usage/queries";
import { AnyJson, Count, Id, type Printed, Text, When } from "./basics.ts";

const Usd = z.number().min(0);
const call = {
  id: Id, runId: Id.nullable(), stepSeq: Count.nullable(), pipeline: Text.nullable(), stage: Text.nullable(), status: z.enum(LlmCallStatus), provider: Text, model: Text, role: Text, template: Text.nullable(), templateVersion: Text.nullable(), subject: Text.nullable(),
  attempt: Count, inputTokens: Count.nullable(), cachedTokens: Count.nullable(), outputTokens: Count.nullable(), reasoningTokens: Count.nullable(), totalTokens: Count.nullable(), costUsd: Usd.nullable(), durationMs: Count.nullable(), error: Text.nullable(), errorClass: Text.nullable(), createdAt: When,
};
const CALL_EXAMPLE = {
  id: 12, runId: 1042, stepSeq: 3, pipeline: "mail", stage: "classify", status: "ok", provider: "openai", model: "gpt-5-mini", role: "classify", template: "classify-sender", templateVersion: "3", subject: "example.org", attempt: 1,
  inputTokens: 812, cachedTokens: 0, outputTokens: 64, reasoningTokens: 0, totalTokens: 876, costUsd: 0.00033, durationMs: 1_204, error: null, errorClass: null, createdAt: "2026-03-02T09:14:05.000Z",
};
export const Call = z.object(call).meta({ id: "LlmCall", description: "One model call, successful or not, as lists have it.", examples: [CALL_EXAMPLE] }) satisfies z.ZodType<Printed<CallRow>>;

const Price = z.looseObject({ id: Id, inputUsd: Usd, cachedUsd: Usd.nullable(), outputUsd: Usd, validFrom: When });
export const CallWhole = z
  .object({
    ...call, hidden: z.boolean(), systemPrompt: Text.nullable(), prompt: Text.nullable(), responseRaw: Text.nullable(), responseParsed: AnyJson, finishReason: Text.nullable(), stepName: Text.nullable(), price: Price.nullable(),
    alike: z.array(z.object({ id: Id, createdAt: When, subject: Text.nullable(), attempt: Count, status: z.enum(LlmCallStatus) })),
  })
  .meta({
    id: "LlmCallDetail",
    description: "A call with its texts, their secrets masked; each is null where there was none or retention has removed it.",
    examples: [{ ...CALL_EXAMPLE, hidden: false, systemPrompt: "You sort mail.", prompt: "From: news@example.org", responseRaw: '{"kind":"newsletter"}', responseParsed: { kind: "newsletter" }, finishReason: "stop", stepName: "ask", price: null, alike: [] }],
  });
void (true satisfies [Exclude<keyof CallDetail, keyof z.infer<typeof CallWhole>>] extends [never] ? true : false);

const sums = { calls: Count, failed: Count, cancelled: Count, priced: Count, inputTokens: Count, cachedTokens: Count, outputTokens: Count, reasoningTokens: Count, costUsd: Usd, durationMs: z.number().min(0) } satisfies Record<keyof UsageSums, z.ZodType>;
const SUMS_EXAMPLE = { calls: 5_100, failed: 12, cancelled: 0, priced: 5_100, inputTokens: 4_100_000, cachedTokens: 0, outputTokens: 300_000, reasoningTokens: 0, costUsd: 12.4, durationMs: 6_100_000 };
export const Sums = z.object(sums).meta({ id: "UsageSums", description: "`costUsd` is that of the `priced` calls.", examples: [SUMS_EXAMPLE] });
export const UsageGroup = z.object({ ...sums, key: Text, lastAt: When }).meta({ id: "UsageGroup", examples: [{ ...SUMS_EXAMPLE, key: "gpt-5-mini", lastAt: "2026-03-02T09:14:05.000Z" }] });
export const UsagePoint = z.object({ at: When, total: Sums, groups: z.array(z.object({ ...sums, key: Text })) }).meta({ id: "UsagePoint", examples: [{ at: "2026-03-02T00:00:00.000Z", total: SUMS_EXAMPLE, groups: [] }] });
export const Usage = z.object({ from: When, to: When, total: Sums, groups: z.array(UsageGroup), series: z.array(UsagePoint) }).meta({ id: "Usage", examples: [{ from: "2026-02-01T00:00:00.000Z", to: "2026-03-02T10:00:00.000Z", total: SUMS_EXAMPLE, groups: [], series: [] }] });

export const LlmPrice = z
  .looseObject({ id: Id, model: Text, provider: Text.nullable(), inputUsd: Usd, outputUsd: Usd, validFrom: When, source: Text, isCurrent: z.boolean() })
  .meta({ id: "LlmPrice", description: "US dollars per million tokens.", examples: [{ id: 1, model: "gpt-5-mini", provider: null, inputUsd: 0.25, cachedUsd: 0.025, outputUsd: 2, validFrom: "2026-01-01T00:00:00.000Z", source: "entered by hand", isCurrent: true }] });

const version = { version: Text, calls: Count, failed: Count, costUsd: Usd, lastAt: When.nullable(), isCurrent: z.boolean() };
const prompt = { name: Text, role: Text.nullable(), description: Text, system: Text.nullable(), text: Text.nullable(), stages: z.array(Text) };
const PROMPT_EXAMPLE = { name: "classify-sender", role: "classify", description: "What kind of mail a sender sends", system: null, text: "From: {{sender}}", stages: ["mail/classify"], versions: [] };
export const Prompt = z.object({ ...prompt, versions: z.array(z.object(version)) }).meta({ id: "Prompt", examples: [PROMPT_EXAMPLE] }) satisfies z.ZodType<Printed<PromptRow>>;
export const PromptWhole = z
  .object({ ...prompt, versions: z.array(z.object({ ...version, role: Text.nullable(), system: Text.nullable(), text: Text.nullable() })) })
  .meta({ id: "PromptDetail", examples: [PROMPT_EXAMPLE] }) satisfies z.ZodType<Printed<Awaited<ReturnType<typeof getPrompt>>>>;
