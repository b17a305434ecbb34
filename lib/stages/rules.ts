/** How a stage's parameters become a form: pure. */
import { z } from "zod";
import type { Json } from "#lib/engine/define";

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
