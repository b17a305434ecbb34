import type { Route } from "next";
import Link from "next/link";
import { CallsBrief } from "#components/llm-calls/calls-brief";
import { Section } from "#components/ui/section";
import type { Ctx } from "#lib/ctx";
import { formatCount, formatUsd } from "#lib/format/number";
import { listRunCalls, sumRunCalls } from "#lib/llm-calls/queries";

/** So many calls stand on the page of their run; the AI audit has all of them. */
const SHOWN = 20;

/** What the run asked of models; nothing when it asked none. */
export async function RunCalls({ ctx, runId }: { ctx: Ctx; runId: number }) {
  const { rows, next } = await listRunCalls(ctx, runId, { limit: SHOWN });
  if (rows.length === 0) return null;
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
