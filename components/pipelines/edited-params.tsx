import type { Json } from "#lib/engine/define";
import type { ParamField } from "#lib/stages/queries";
import { readParams } from "./read-params";

/** Stored parameters by name. */
export const fieldsOf = (params: Json): Record<string, Json> => (params !== null && typeof params === "object" && !Array.isArray(params) ? params : {});

/** Lists and objects have no control of their own: they stand in it as JSON. */
export const printed = (value: Json): Json => (value !== null && typeof value === "object" ? JSON.stringify(value) : value);

/** The old parameters with the form's laid over them; a field that was emptied is left out, so that its default holds. */
export function editedParams(old: Record<string, Json>, fields: ParamField[], form: FormData): Record<string, Json> {
  const read = readParams(fields, form);
  const kept = Object.entries(old).filter(([name]) => !fields.some((field) => field.name === name));
  const edited = Object.entries(read).map(([name, value]): [string, Json] => {
    const before = old[name];
    if (before === undefined || before === null || typeof before !== "object") return [name, value];
    // Unchanged it is what it was; changed it is JSON, or text that the stage refuses by name.
    if (value === JSON.stringify(before)) return [name, before];
    try {
      return [name, JSON.parse(String(value)) as Json];
    } catch {
      return [name, value];
    }
  });
  return Object.fromEntries([...kept, ...edited]);
}
