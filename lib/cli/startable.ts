import type { Json } from "#lib/engine/define";
import { AppError } from "#lib/errors";
import type { Io } from "./command.ts";
import type { Door } from "./door.ts";
import { kindsOf, readParams } from "./params.ts";
import { remoteOf } from "./remote.ts";

/** What `run` starts: a stage, or with `stage` null every stage of a pipeline; and how its parameters are read. */
export type Startable = { pipeline: string; stage: string | null; readParams(given: { param?: string[]; params?: string }): Record<string, Json> };

/**
 * What `content`, `mail/content`, or with `all` the pipeline `mail` means on this machine: judged before a database is asked
 * for, or started. Null with a server elsewhere, whose pipelines may be others: `askStartable` then.
 *
 * @throws AppError NOT_FOUND; INVALID for a name that several have
 */
export async function findStartable(io: Io, ref: string, all: boolean): Promise<Startable | null> {
  if (remoteOf(io.env)) return null;
  const { findPipeline, resolveStage } = await import("#lib/pipelines/registry");
  if (all) {
    const { name, stages } = findPipeline(ref);
    return { pipeline: name, stage: null, readParams: (given) => readParams(kindsOf(stages.filter(({ manual }) => !manual)), "any of these stages", given) };
  }
  const { pipeline, stage } = resolveStage(ref);
  return { pipeline: pipeline.name, stage: stage.name, readParams: (given) => readParams(kindsOf([stage]), `stage ${stage.name}`, given) };
}

/** The same as the server has it. @throws as `findStartable` */
export async function askStartable(door: Door, ref: string, all: boolean): Promise<Startable> {
  const pipelines = await door.listPipelines();
  if (all) {
    const pipeline = pipelines.find(({ name }) => name === ref);
    if (!pipeline) throw new AppError("NOT_FOUND", `${door.name} has no pipeline "${ref}". It has: ${pipelines.map(({ name }) => name).join(", ")}.`);
    const fields = pipeline.stages.filter(({ manual }) => !manual).flatMap((stage) => stage.fields);
    return { pipeline: ref, stage: null, readParams: (given) => readParams(kindsOfFields(fields), "any of these stages", given) };
  }
  const stages = pipelines.flatMap((pipeline) => pipeline.stages);
  const fits = stages.filter(({ pipeline, name }) => (ref.includes("/") ? `${pipeline}/${name}` : name) === ref);
  if (fits.length > 1) throw new AppError("INVALID", `Several pipelines have a stage "${ref}": say ${fits.map(({ pipeline }) => `${pipeline}/${ref}`).join(" or ")}.`);
  const [fit] = fits;
  if (!fit) throw new AppError("NOT_FOUND", `${door.name} has no stage "${ref}". It has: ${stages.map(({ pipeline, name }) => `${pipeline}/${name}`).join(", ")}.`);
  return { pipeline: fit.pipeline, stage: fit.name, readParams: (given) => readParams(kindsOfFields(fit.fields), `stage ${fit.name}`, given) };
}

type Field = { name: string; kind: string; default: Json };

/** A list or an object is drawn as text; its default tells them apart. `--params` takes either as JSON. */
const kindsOfFields = (fields: Field[]): Map<string, string[]> =>
  new Map(fields.map(({ name, kind, default: value }) => [name, [...(Array.isArray(value) ? ["array"] : kind === "text" || kind === "choice" ? [typeof value === "object" && value !== null ? "object" : "string"] : [kind]), ...(value === null ? ["null"] : [])]]));
