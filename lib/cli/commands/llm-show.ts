import { formatDuration } from "#lib/format/duration";
import { prettyJson } from "#lib/format/json";
import { formatTime } from "#lib/format/time";
import type { CallDetail } from "#lib/llm-calls/queries";
import { runId } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printOne, renderFacts } from "../output.ts";

export const positionals = "<id>";
export const options = { ...OUTPUT_OPTIONS } as const satisfies Options;
export const details = "Shows a call with its prompts and answers, secrets masked.";
export const examples = ["./penstock llm show 12", "./penstock llm show 12 --json"];

export async function run(io: Io, { values, positionals: [id = ""] }: Args<typeof options>): Promise<number> {
  const wanted = runId(id);
  return withCtx(io, async (ctx) => {
    const { getCall } = await import("#lib/llm-calls/queries");
    const call = await getCall(ctx, wanted);
    printOne(io, outputFormat(values), call, { id: call.id, table: () => draw(io, call) });
    return EXIT.done;
  });
}

function draw(io: Io, call: CallDetail): string {
  const tokens = call.inputTokens === null ? "not counted" : `${call.inputTokens} in (${call.cachedTokens ?? 0} cached), ${call.outputTokens ?? "?"} out (${call.reasoningTokens ?? 0} reasoning)`;
  const facts = renderFacts(io, [
    ["Call", `#${call.id}, attempt ${call.attempt}`],
    ["Status", call.status],
    ["Error", call.error && `${call.errorClass ? `${call.errorClass}: ` : ""}${call.error}`],
    ["Stage", call.stage && `${call.pipeline}/${call.stage}`],
    ["Run", call.runId === null ? null : `#${call.runId}${call.stepName ? `, step ${call.stepSeq} ${call.stepName}` : ""}`],
    ["Role", call.role],
    ["Subject", call.subject],
    ["Template", call.template && `${call.template} ${call.templateVersion ?? ""}`],
    ["Model", `${call.model} at ${call.provider}`],
    ["Tokens", tokens],
    ["Cost", call.costUsd === null ? "not known" : `$${call.costUsd.toFixed(8)}`],
    ["Made", formatTime(call.createdAt)],
    ["Duration", call.durationMs === null ? null : formatDuration(call.durationMs)],
    ["Ended by", call.finishReason],
  ]);
  const texts: [string, string | null][] = [
    ["System prompt", call.systemPrompt], ["Prompt", call.prompt], ["Raw answer", call.responseRaw], ["Parsed answer", call.responseParsed === null ? null : prettyJson(call.responseParsed)],
  ];
  return `${facts}${texts.map(([name, text]) => (text === null ? "" : `\n${name}\n${text}\n`)).join("")}`;
}
