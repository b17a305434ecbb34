import { StatusMark } from "#components/runs/status-mark";
import type { RunStatus } from "#lib/runs/rules";
import { HEALTH_WORDS, type ScheduleHealth } from "#lib/schedules/rules";

const AS: Record<Exclude<ScheduleHealth, "ok" | "new">, RunStatus> = { late: "failed", refused: "failed", failing: "failed", paused: "hold" };

/** What is to be known of a schedule; of one that is well, nothing. */
export function HealthMark({ health }: { health: ScheduleHealth }) {
  if (health === "ok" || health === "new") return null;
  return <StatusMark status={AS[health]} word={HEALTH_WORDS[health]} className="mt-0.5 text-sm whitespace-normal" />;
}
