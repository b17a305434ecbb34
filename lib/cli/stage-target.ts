import type { PauseResult } from "#lib/engine/control";
import { formatTime } from "#lib/format/time";

export type Target = { pipeline: string; stage?: string };

/** What `content`, `mail/content`, or with `isPipeline` `mail` means. @throws AppError NOT_FOUND; INVALID for a name that several have */
export async function readTarget(ref: string, isPipeline: boolean | undefined): Promise<Target> {
  const { findPipeline, resolveStage } = await import("#lib/pipelines/registry");
  if (isPipeline) return { pipeline: findPipeline(ref).name };
  const { pipeline, stage } = resolveStage(ref);
  return { pipeline: pipeline.name, stage: stage.name };
}

export const nameTarget = ({ pipeline, stage }: Target): string => (stage === undefined ? `Pipeline ${pipeline}` : `Stage ${pipeline}/${stage}`);

export const sayPaused = (target: Target, { ok, pausedAt, pausedBy, reason }: PauseResult): string =>
  `${nameTarget(target)} ${ok ? "is paused: nothing new of it starts, and what is in flight ends" : `was paused already, by ${pausedBy} at ${formatTime(pausedAt)}`}${reason === null ? "" : ` (${reason})`}.\n`;
