import { z } from "zod";
import type { Json, Stage } from "#lib/engine/define";
import { AppError, type Fault } from "#lib/errors";
import { didYouMean } from "./suggest.ts";

/** What a stage's schema says of one parameter, as far as the command line needs it. */
const Property = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  anyOf: z.array(z.object({ type: z.string().optional() })).optional(),
});
const ObjectSchema = z.object({ properties: z.record(z.string(), Property).default({}) });
export type Kinds = Map<string, string[]>;

/**
 * The parameters given on the command line, converted to what the schema of each wants. `--param` wins over `--params`.
 * Whether a value is in its bounds is for the engine to say; here only its kind is judged.
 *
 * @param stages the stage, or all stages of a pipeline: a parameter must be known to one of them
 * @throws AppError INVALID that names every fault and the parameters there are
 */
export const parseParams = (stages: Stage[], given: { param?: string[]; params?: string }): Record<string, Json> =>
  readParams(kindsOf(stages), stages.length === 1 ? `stage ${stages[0]?.name}` : "any of these stages", given);

/** The same by the kinds of each parameter, as a JSON Schema names them; `takers` is who would know it. */
export function readParams(kinds: Kinds, takers: string, given: { param?: string[]; params?: string }): Record<string, Json> {
  const params: Record<string, Json> = given.params === undefined ? {} : parseObject(given.params);
  const faults: Fault[] = [];
  const texts = new Map<string, string[]>();
  for (const pair of given.param ?? []) {
    const at = pair.indexOf("=");
    if (at < 1) faults.push({ path: "--param", message: `"${pair}" is not name=value` });
    else texts.set(pair.slice(0, at).trim(), [...(texts.get(pair.slice(0, at).trim()) ?? []), pair.slice(at + 1)]);
  }
  for (const [name, values] of texts) {
    const kind = kinds.get(name);
    if (!kind) {
      params[name] = null;
      continue;
    }
    const converted = convert(kind, values);
    if ("fault" in converted) faults.push({ path: `params.${name}`, message: converted.fault });
    else params[name] = converted.value;
  }
  const names = [...kinds.keys()];
  for (const name of Object.keys(params).filter((name) => !kinds.has(name))) {
    const known = names.length > 0 ? `known are ${names.join(", ")}` : "it takes none";
    faults.push({ path: `params.${name}`, message: `is no parameter of ${takers}; ${known}.${didYouMean(name, names)}` });
  }
  if (faults.length === 0) return params;
  throw new AppError("INVALID", faults.map(({ path, message }) => `${path.replace(/^params\./, "Parameter ")} ${message}`).join("\n"), { faults });
}

export function kindsOf(stages: Stage[]): Kinds {
  const kinds: Kinds = new Map();
  for (const { params } of stages) {
    const { properties } = ObjectSchema.parse(z.toJSONSchema(params, { io: "input", unrepresentable: "any" }));
    for (const [name, { type, anyOf }] of Object.entries(properties)) {
      const types = anyOf?.flatMap((one) => one.type ?? []) ?? [type ?? []].flat();
      if (!kinds.has(name)) kinds.set(name, types);
    }
  }
  return kinds;
}

function parseObject(text: string): Record<string, Json> {
  const wrong = (message: string) => new AppError("INVALID", `--params ${message}`, { faults: [{ path: "--params", message }] });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(`is not JSON (${error instanceof Error ? error.message : error}). Write it like --params '{"batchSize": 50}'`);
  }
  const parsed = z.record(z.string(), z.json()).safeParse(value);
  if (!parsed.success || Array.isArray(value)) throw wrong(`is a JSON object, such as '{"batchSize": 50}', not ${Array.isArray(value) ? "a list" : value === null ? "null" : `a ${typeof value}`}`);
  return parsed.data;
}

type Converted = { value: Json } | { fault: string };
const TRUE = ["true", "yes", "on", "1"];
const FALSE = ["false", "no", "off", "0"];

function convert(types: string[], values: string[]): Converted {
  if (types.includes("array")) return convertList(values);
  const text = values[0] ?? "";
  if (values.length > 1) return { fault: "is given more than once" };
  if (types.includes("null") && (text === "" || text === "null")) return { value: null };
  const type = types.find((one) => one !== "null");
  switch (type) {
    case "integer":
      return /^[+-]?\d+$/.test(text.trim()) && Number.isSafeInteger(Number(text)) ? { value: Number(text) } : { fault: `is a whole number, not "${text}"` };
    case "number":
      return text.trim() !== "" && Number.isFinite(Number(text)) ? { value: Number(text) } : { fault: `is a number, not "${text}"` };
    case "boolean":
      if (TRUE.includes(text.toLowerCase())) return { value: true };
      return FALSE.includes(text.toLowerCase()) ? { value: false } : { fault: `is true or false, not "${text}"` };
    case "object":
      return convertJson(text);
    default:
      return { value: text };
  }
}

/** `--param symbols=A --param symbols=B`, `symbols=A,B` and `symbols=["A","B"]` are the same list. */
function convertList(values: string[]): Converted {
  const [only] = values;
  if (values.length === 1 && only?.trim().startsWith("[")) return convertJson(only);
  return { value: values.flatMap((value) => value.split(",")).map((value) => value.trim()).filter((value) => value !== "") };
}

function convertJson(text: string): Converted {
  try {
    return { value: z.json().parse(JSON.parse(text)) };
  } catch {
    return { fault: `is JSON, and this is none: "${text}"` };
  }
}
