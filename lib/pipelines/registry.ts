import { AppError } from "#lib/errors";
import type { Pipeline, Stage } from "#lib/engine/define";
import { backtest } from "./backtest/pipeline.ts";
import { type DeclaredPipeline, pipelineOf } from "./declared.ts";
import { mail } from "./mail/pipeline.ts";
import { trading } from "./trading/pipeline.ts";

/** What PENSTOCK_PIPELINES declares; on `globalThis` because the bundler gives pages and routes copies of this module each. */
const held = globalThis as { penstockDeclared?: { declared: DeclaredPipeline; folder: string }[] };
const declaredPipelines = (): Pipeline[] => (held.penstockDeclared ?? []).map(({ declared, folder }) => pipelineOf(declared, folder));

/** The pipelines that this process knows. Tests add their own; processes add them before they start anything. */
export const PIPELINES: Pipeline[] = [mail, backtest, trading, ...declaredPipelines()];

/**
 * Adds the pipelines of the YAML files that `named` lists (PENSTOCK_PIPELINES), for this process and for good.
 *
 * @throws AppError INVALID with every fault of every file
 */
export async function declarePipelines(named: string): Promise<void> {
  const { readDeclaredFiles } = await import("./declared-files.ts");
  held.penstockDeclared = readDeclaredFiles(named, PIPELINES.map(({ name }) => name));
  PIPELINES.push(...declaredPipelines());
}

/** @throws AppError NOT_FOUND that names the pipelines there are. */
export function findPipeline(name: string): Pipeline {
  const pipeline = PIPELINES.find((candidate) => candidate.name === name);
  if (pipeline) return pipeline;
  throw new AppError("NOT_FOUND", `There is no pipeline "${name}". There is: ${PIPELINES.map((candidate) => candidate.name).join(", ")}.`);
}

/** @throws AppError NOT_FOUND that names the stages there are. */
export function findStage(pipelineName: string, stageName: string): Stage {
  const pipeline = findPipeline(pipelineName);
  const stage = pipeline.stages.find((candidate) => candidate.name === stageName);
  if (stage) return stage;
  throw new AppError("NOT_FOUND", `Pipeline ${pipelineName} has no stage "${stageName}". It has: ${pipeline.stages.map((candidate) => candidate.name).join(", ")}.`);
}

/**
 * What a person calls a stage: `content`, or `mail/content` where two pipelines share a name.
 *
 * @throws AppError NOT_FOUND; INVALID when the short name fits several.
 */
export function resolveStage(ref: string): { pipeline: Pipeline; stage: Stage } {
  const [pipelineName, stageName] = ref.includes("/") ? ref.split("/", 2) : [null, ref];
  if (pipelineName) return { pipeline: findPipeline(pipelineName), stage: findStage(pipelineName, stageName ?? "") };
  const fits = PIPELINES.flatMap((pipeline) => pipeline.stages.filter((stage) => stage.name === ref).map((stage) => ({ pipeline, stage })));
  if (fits.length > 1) throw new AppError("INVALID", `Several pipelines have a stage "${ref}": say ${fits.map(({ pipeline }) => `${pipeline.name}/${ref}`).join(" or ")}.`);
  const [fit] = fits;
  if (fit) return fit;
  const all = PIPELINES.flatMap((pipeline) => pipeline.stages.map((stage) => stage.name));
  throw new AppError("NOT_FOUND", `There is no stage "${ref}". There is: ${all.join(", ")}.`);
}
