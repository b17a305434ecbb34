/** How a stage's parameters become a form, and what is made of what was given for them: pure. */
import { z } from "zod";
import type { Json, Pipeline, Stage } from "#lib/engine/define";
import { AppError } from "#lib/errors";
import { formatDuration } from "#lib/format/duration";

/** One control of the form that a stage's parameters become. */
export type ParamField = {
  name: string;
  label: string;
  kind: "integer" | "number" | "boolean" | "text" | "choice";
  /** Null when the parameter may be left out. */
  default: Json;
  min?: number;
  max?: number;
  choices?: string[];
  description?: string;
};

/** The part of a JSON Schema that a parameter is drawn from. */
const Property = z.object({
  /** A nullable parameter has two types. */
  type: z.preprocess((type) => (Array.isArray(type) ? type.find((one) => one !== "null") : type), z.string().optional()),
  title: z.string().optional(),
  description: z.string().optional(),
  default: z.json().optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  const: z.union([z.string(), z.number()]).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  get anyOf() {
    return z.array(Property).optional();
  },
});
type Property = z.infer<typeof Property>;
const ObjectSchema = z.object({ properties: z.record(z.string(), Property).default({}) });

/** The fields of a form for `params`, in the order of its declaration. What has no control of its own is text. */
export function paramFields(params: z.ZodType): ParamField[] {
  const schema = ObjectSchema.parse(z.toJSONSchema(params, { io: "input", unrepresentable: "any" }));
  return Object.entries(schema.properties).map(([name, outer]) => {
    // An optional or nullable parameter is a choice between its type and null.
    const property = { ...(outer.anyOf?.find((option) => option.type !== "null") ?? {}), ...outer };
    const choices = property.enum?.map(String);
    return {
      name,
      label: property.title ?? sentence(name),
      kind: kindOf(property),
      default: property.default ?? null,
      ...bounds(property),
      ...(choices && { choices }),
      ...(property.description && { description: property.description }),
    };
  });
}

function kindOf(property: Property): ParamField["kind"] {
  if (property.enum) return "choice";
  if (property.type === "integer" || property.type === "number" || property.type === "boolean") return property.type;
  return "text";
}

/** An integer's bounds that zod adds by itself (2^53) say nothing to a person. */
function bounds({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Property): { min?: number; max?: number } {
  const step = type === "integer" ? 1 : 0;
  const min = minimum ?? (exclusiveMinimum === undefined ? undefined : exclusiveMinimum + step);
  const max = maximum ?? (exclusiveMaximum === undefined ? undefined : exclusiveMaximum - step);
  return {
    ...(min !== undefined && min > Number.MIN_SAFE_INTEGER && { min }),
    ...(max !== undefined && max < Number.MAX_SAFE_INTEGER && { max }),
  };
}

/** `batchSize` and `batch_size` become "Batch size". */
function sentence(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/[_-]+/g, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @throws AppError INVALID with one fault per bad parameter. */
export function parseParams(stage: Stage, given: Record<string, unknown>): unknown {
  const schema = stage.params as unknown as z.ZodObject;
  const known = Object.keys(schema.shape);
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  const parsed = schema.safeParse(given);
  const faults = [
    ...unknown.map((name) => ({ path: `params.${name}`, message: `is no parameter of ${stage.name}; it takes ${known.length > 0 ? known.join(", ") : "none"}` })),
    ...(parsed.error?.issues ?? []).map((issue) => ({ path: ["params", ...issue.path].join("."), message: issue.message })),
  ];
  if (faults.length > 0) throw new AppError("INVALID", `The parameters of ${stage.name} are not right: ${faults.map((fault) => `${fault.path.slice(7)} ${fault.message}`).join("; ")}.`, { faults });
  return parsed.data;
}

/** What `given` is for each stage of a pipeline. @throws AppError INVALID when no stage knows a parameter */
export function shareParams(pipeline: Pipeline, stages: Stage[], given: Record<string, unknown>): (stage: Stage) => unknown {
  const knows = (stage: Stage, name: string) => name in (stage.params as unknown as z.ZodObject).shape;
  const stray = Object.keys(given).find((name) => !stages.some((stage) => knows(stage, name)));
  if (stray) throw new AppError("INVALID", `No stage of ${pipeline.name} takes the parameter "${stray}".`, { faults: [{ path: `params.${stray}`, message: "is not known" }] });
  return (stage) => parseParams(stage, Object.fromEntries(Object.entries(given).filter(([name]) => knows(stage, name))));
}

const Rules = z.object({
  timeouts: z.object({ unitMs: z.number().optional(), runMs: z.number().optional() }).default({}),
  retry: z.object({ attempts: z.number() }).nullable().default(null),
});

/** The time limits and tries that a run goes by, from its configuration, in words; null when it has none. */
export function describeRules(config: Json): string | null {
  const parsed = Rules.safeParse(config);
  if (!parsed.success) return null;
  const { timeouts: { unitMs, runMs }, retry } = parsed.data;
  const said = [
    runMs !== undefined && `${formatDuration(runMs)} at most`,
    unitMs !== undefined && `${formatDuration(unitMs)} a unit`,
    retry && (retry.attempts === 1 ? "one try" : `${retry.attempts} tries a unit`),
  ].filter((part) => part !== false && part !== null);
  return said.length > 0 ? said.join(", ") : null;
}
