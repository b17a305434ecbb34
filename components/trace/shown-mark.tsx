import { StatusIcon, StatusMark } from "#components/runs/status-mark";
import type { RunStatus } from "#lib/runs/rules";
import type { Shown, Trace, TraceNode } from "#lib/trace/rules";
import { shownStatus } from "#lib/trace/rules";

/** Which status of a run a step is drawn as, its word, and its colour as a ground. */
export const SHOWN: Record<Shown, { as: RunStatus; word: string; ground: string; means: string }> = {
  ok: { as: "completed", word: "ok", ground: "bg-completed", means: "Ended as it should" },
  error: { as: "failed", word: "error", ground: "bg-failed", means: "Failed" },
  lost: { as: "cancelled", word: "lost", ground: "bg-failed", means: "Never ended: its worker stopped in the middle of it" },
  running: { as: "running", word: "running", ground: "bg-running", means: "Going on" },
  skip: { as: "skipped", word: "skip", ground: "bg-skipped", means: "Left out" },
};
export const SHOWN_ORDER = ["error", "lost", "running", "ok", "skip"] as const satisfies Shown[];

export const ShownMark = ({ shown }: { shown: Shown }) => <StatusMark status={SHOWN[shown].as} word={SHOWN[shown].word} />;

const GROUNDS: Record<RunStatus, string> = { pending: "bg-pending", running: "bg-running", completed: "bg-completed", partial: "bg-partial", hold: "bg-hold", skipped: "bg-skipped", failed: "bg-failed", cancelled: "bg-cancelled" };

/** How a row of the tree stands: its mark, its word, its colour. Waves and attempts stand as what is in them. */
export function nodeStatus(trace: Trace, node: TraceNode): { as: RunStatus; word: string; ground: string } {
  if (node.kind === "step") return SHOWN[shownStatus(trace, node.index)];
  const unit = node.kind === "unit" ? trace.units[node.index] : undefined;
  const as: RunStatus = unit ? unit.status : node.endMs === null && node.startMs !== null ? "running" : node.startMs === null ? "pending" : node.errors > 0 ? "failed" : "completed";
  return { as, word: as, ground: GROUNDS[as] };
}

export const NodeIcon = ({ trace, node }: { trace: Trace; node: TraceNode }) => <StatusIcon status={nodeStatus(trace, node).as} className="size-3.5" />;
