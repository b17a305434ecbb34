import { StatusMark } from "#components/runs/status-mark";
import type { BulkResult, BulkStatus } from "#lib/bulk/fields";
import type { RunStatus } from "#lib/runs/rules";

const LOOKS: Record<BulkStatus, RunStatus> = { pending: "pending", running: "running", completed: "completed", aborted: "cancelled", failed: "failed" };
const RESULT_LOOKS: Record<BulkResult, RunStatus> = { pending: "pending", ok: "completed", skipped: "skipped", failed: "failed" };
const RESULT_WORDS: Record<BulkResult, string> = { pending: "to do", ok: "done", skipped: "left out", failed: "failed" };

export const BulkMark = ({ status, className }: { status: BulkStatus; className?: string }) => <StatusMark status={LOOKS[status]} word={status} className={className} />;
/** Of one run: in the words that the counts use. */
export const BulkResultMark = ({ result, isOver = false }: { result: BulkResult; /** The act is over: what was to be done is not. */ isOver?: boolean }) => <StatusMark status={RESULT_LOOKS[result]} word={isOver && result === "pending" ? "not touched" : RESULT_WORDS[result]} />;
