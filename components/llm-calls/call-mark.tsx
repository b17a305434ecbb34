import { StatusMark } from "#components/runs/status-mark";
import type { CallStatus } from "#lib/llm-calls/fields";

const AS = { ok: "completed", error: "failed", cancelled: "cancelled", running: "running" } as const;

/** What became of a call, in the drawings of run statuses. */
export const CallMark = ({ status }: { status: CallStatus }) => <StatusMark status={AS[status]} word={status} />;
