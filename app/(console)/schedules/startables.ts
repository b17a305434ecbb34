import { PIPELINES } from "#lib/pipelines/registry";
import { paramFields } from "#lib/stages/rules";
import type { Startable } from "./_components/schedule-form";

/** Everything that the clock may start: of each pipeline the whole first, then its stages. */
export const listStartables = (): Startable[] =>
  PIPELINES.flatMap(({ name, stages }) => [
    ...(stages.some(({ manual }) => !manual) ? [{ pipeline: name, stage: null, fields: [] }] : []),
    ...stages.map((stage) => ({ pipeline: name, stage: stage.name, fields: paramFields(stage.params) })),
  ]);
