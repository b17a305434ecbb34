import type { Route } from "next";
import Link from "next/link";
import { CallsBrief } from "#components/llm-calls/calls-brief";
import { Section } from "#components/ui/section";
import type { Ctx } from "#lib/ctx";
import { formatCount, formatUsd } from "#lib/format/number";
import { type CallRow, sumRunCalls } from "#lib/llm-calls/queries";

/** What the run asked of models. @param calls the first of them */
export async function RunCalls({ ctx, runId, calls: { rows, next } }: { ctx: Ctx; runId: number; calls: { rows: CallRow[]; next: number | null } }) {
  const sums = await sumRunCalls(ctx, runId);
  const cost = sums.priced > 0 ? `, ${formatUsd(sums.costUsd)}${sums.priced < sums.calls ? ` for ${formatCount(sums.priced)} of them` : ""}` : "";
  return (
    <Section
      title="LLM calls"
      note={`${formatCount(sums.calls)}${cost}`}
      actions={<Link href={`/ai-audit?run=${runId}` as Route} className="text-sm text-accent hover:underline">{next === null ? "Open in AI audit" : `All ${formatCount(sums.calls)} in AI audit`}</Link>}
    >
      <CallsBrief calls={rows} label={`LLM calls of run ${runId}`} />
    </Section>
  );
}
