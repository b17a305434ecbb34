/** Which models there are besides the local ones: the environment's own, and those of the file that PENSTOCK_MODELS names. */
import "server-only";
import { readFileSync, statSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { type Env, parseEnv, readNamed } from "#lib/env";
import { AppError, messageOf } from "#lib/errors";

const MAX_FILE_BYTES = 100_000;
const MAX_MODELS = 50;

const Model = z.strictObject({
  /** What it is asked for by. */
  name: z.string().trim().min(1).max(90).regex(/^[^,\s]+$/, "holds no comma and no blank"),
  baseUrl: z.url({ protocol: /^https?$/, error: "is an http(s) address, such as http://127.0.0.1:11434/v1" }),
  /** What the endpoint calls it; the name itself unless said. */
  model: z.string().trim().min(1).max(200).optional(),
  /** The environment variable that holds its key: a key itself has no place in a file. */
  keyFrom: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is the name of an environment variable, such as OPENROUTER_KEY").optional(),
  images: z.boolean().optional(),
});
const Models = z.array(Model).max(MAX_MODELS, `there are ${MAX_MODELS} at most`);
export type RemoteModel = z.infer<typeof Model>;

const read = { path: "", changedMs: 0, models: [] as RemoteModel[] };

/**
 * Every remote model, the environment's own first. The file is read again when it has changed.
 *
 * @throws AppError INVALID that names the file and what is wrong with it
 */
export function listRemoteModels(env: Env = parseEnv()): RemoteModel[] {
  const { PENSTOCK_AI_BASE_URL: baseUrl, PENSTOCK_AI_MODEL: model, PENSTOCK_MODELS: path } = env;
  const own: RemoteModel[] = baseUrl && model ? [{ name: model, baseUrl, ...(env.PENSTOCK_AI_IMAGES !== undefined && { images: env.PENSTOCK_AI_IMAGES }) }] : [];
  const models = [...own, ...(path ? readModels(path) : [])];
  const twice = models.find(({ name }, at) => models.findIndex((one) => one.name === name) !== at);
  if (twice) throw refuse(path ?? "", `two models are called "${twice.name}"${own.some(({ name }) => name === twice.name) ? ", one of them by PENSTOCK_AI_MODEL" : ""}`);
  return models;
}

function readModels(path: string): RemoteModel[] {
  let text: string;
  try {
    const { mtimeMs, size } = statSync(path);
    if (read.path === path && read.changedMs === mtimeMs) return read.models;
    if (size > MAX_FILE_BYTES) throw new Error(`it has ${size} bytes; ${MAX_FILE_BYTES} are the most`);
    text = readFileSync(path, "utf8");
    const parsed = Models.safeParse(parse(text));
    if (!parsed.success) throw new Error(parsed.error.issues.map(({ path: at, message }) => `${at.join(".")} ${message}`.trim()).join("; "));
    Object.assign(read, { path, changedMs: mtimeMs, models: parsed.data });
    return parsed.data;
  } catch (error) {
    throw refuse(path, messageOf(error));
  }
}

const refuse = (path: string, why: string) =>
  new AppError("INVALID", `PENSTOCK_MODELS (${path}) is not right: ${why}. It is a YAML list of models, each with name and baseUrl, and where wanted model, keyFrom (the variable that holds the key) and images.`, { faults: [{ path: "PENSTOCK_MODELS", message: why }] });

/** The environment as it is for one model: its endpoint in the place of the usual one. Null when there is no such model. */
export function envOfModel(env: Env, name: string): Env | null {
  const found = listRemoteModels(env).find((model) => model.name === name);
  if (!found) return null;
  if (name === env.PENSTOCK_AI_MODEL) return env;
  const { baseUrl, model = name, keyFrom, images } = found;
  return { ...env, PENSTOCK_AI_BASE_URL: baseUrl, PENSTOCK_AI_MODEL: model, PENSTOCK_AI_API_KEY: keyFrom && readNamed(keyFrom), PENSTOCK_AI_IMAGES: images };
}
