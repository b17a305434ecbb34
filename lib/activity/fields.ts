/** What the outbox tells, declared once: each type of event, and the kind of activity that a person sees in it. Isomorphic. */
import { RunStatus } from "#lib/db/generated/enums";

export const ACTIVITY_KINDS = ["triggered", "retried", "started", "ended", "cancelled", "annotated", "pinned", "paused", "resumed", "limited", "imported", "import failed", "pruned", "switched"] as const;
export type ActivityKind = (typeof ACTIVITY_KINDS)[number];

/** `mark` is the status whose drawing stands before the line. */
export const ACTIVITY_TYPES = {
  "run.pending": { kind: "triggered", mark: RunStatus.pending },
  "run.running": { kind: "started", mark: RunStatus.running },
  "run.completed": { kind: "ended", mark: RunStatus.completed },
  "run.partial": { kind: "ended", mark: RunStatus.partial },
  "run.hold": { kind: "ended", mark: RunStatus.hold },
  "run.skipped": { kind: "ended", mark: RunStatus.skipped },
  "run.failed": { kind: "ended", mark: RunStatus.failed },
  "run.cancelled": { kind: "ended", mark: RunStatus.cancelled },
  "run.cancel_requested": { kind: "cancelled", mark: RunStatus.cancelled },
  "run.annotated": { kind: "annotated", mark: null },
  "run.pinned": { kind: "pinned", mark: null },
  "run.unpinned": { kind: "pinned", mark: null },
  "stage.paused": { kind: "paused", mark: null },
  "stage.resumed": { kind: "resumed", mark: null },
  "stage.limited": { kind: "limited", mark: null },
  "pipeline.paused": { kind: "paused", mark: null },
  "pipeline.resumed": { kind: "resumed", mark: null },
  "import.completed": { kind: "imported", mark: RunStatus.completed },
  "import.failed": { kind: "import failed", mark: RunStatus.failed },
  "retention.pruned": { kind: "pruned", mark: null },
  "trading.kill_switch": { kind: "switched", mark: null },
  "trading.agent_switch": { kind: "switched", mark: null },
  "trading.risk_settings": { kind: "switched", mark: null },
} as const satisfies Record<`run.${RunStatus}` | `${"run" | "stage" | "pipeline" | "import" | "retention" | "trading"}.${string}`, { kind: ActivityKind; mark: RunStatus | null }>;

export type ActivityType = keyof typeof ACTIVITY_TYPES;
export const ACTIVITY_TYPE_NAMES = Object.keys(ACTIVITY_TYPES) as ActivityType[];

/** How many lines one page of the feed may have. */
export const MAX_ACTIVITY = 100;
