import type { ParamField } from "#lib/stages/queries";

/** What a form says, as parameters. An empty field is left out, so that its default holds; numbers that are none go as text and are refused with their path. */
export function readParams(fields: ParamField[], form: FormData): Record<string, string | number | boolean> {
  const params: Record<string, string | number | boolean> = {};
  for (const { name, kind } of fields) {
    const value = form.get(name);
    if (kind === "boolean") params[name] = value !== null;
    else if (typeof value === "string" && value.trim() !== "") {
      const number = Number(value);
      params[name] = (kind === "integer" || kind === "number") && Number.isFinite(number) ? number : value.trim();
    }
  }
  return params;
}
