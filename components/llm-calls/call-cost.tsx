import { formatUsd } from "#lib/format/number";
import type { CallRow } from "#lib/llm-calls/queries";

/** Why a call has no cost, in words. */
export function whyNoCost({ status, provider, inputTokens, outputTokens, model }: Pick<CallRow, "status" | "provider" | "inputTokens" | "outputTokens" | "model">): string {
  if (status === "running") return "Not known before the answer is there";
  if (provider === "local") return "The local analyser costs nothing";
  if (inputTokens === null || outputTokens === null) return "The provider counted no tokens, so the cost is not known";
  return `There was no price for ${model} when the call was made, so its cost is not known`;
}

/** What a call cost, or a dash that says why nobody knows. */
export function CallCost({ call }: { call: Pick<CallRow, "status" | "provider" | "inputTokens" | "outputTokens" | "model" | "costUsd"> }) {
  return call.costUsd === null ? <span className="text-ink-soft" title={whyNoCost(call)}>–</span> : <span title={`$${call.costUsd.toFixed(8)}`}>{formatUsd(call.costUsd)}</span>;
}
