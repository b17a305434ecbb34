/** The document of the API as its page shows it: one entry for each operation, and the shapes by name. */
import { apiDocument } from "./openapi.ts";
import { METHODS, TAGS, type Tag } from "./operations/operation.ts";

type Schema = { $ref?: string; type?: string | string[]; format?: string; enum?: unknown[]; const?: unknown; items?: Schema; properties?: Record<string, Schema>; required?: string[]; description?: string; anyOf?: Schema[]; oneOf?: Schema[]; additionalProperties?: Schema | boolean; prefixItems?: Schema[]; default?: unknown };
/** `shape` is the name of the shape that the field's value, or each of its values, has. */
export type Field = { name: string; type: string; shape: string | null; isRequired: boolean; description: string };
export type Answer = { status: string; description: string; media: string | null; shape: string | null; fields: Field[] };
export type Entry = { id: string; method: string; path: string; tag: Tag; summary: string; description: string; permission: string; parameters: (Field & { in: string })[]; body: { media: string; fields: Field[]; example: string | null } | null; answers: Answer[]; curl: string };
export type Shape = { name: string; description: string; fields: Field[]; type: string; example: string | null };

const nameOf = ({ $ref }: Schema): string | null => $ref?.split("/").at(-1) ?? null;

/** In a few words: `integer`, `text or null`, `list of Run`. */
function typeOf(schema: Schema): string {
  const named = nameOf(schema);
  if (named) return named;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => String(value)).join(" | ");
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return [...new Set(either.map(typeOf))].join(" or ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(" or ");
  if (schema.type === "array") return schema.prefixItems ? `list of ${schema.prefixItems.length}` : `list of ${typeOf(schema.items ?? {})}`;
  if (schema.type === "string") return schema.format === "date-time" ? "time" : schema.format === "date" ? "date" : schema.format === "binary" ? "bytes" : "text";
  return schema.type ?? "anything";
}

const shapeIn = (schema: Schema): string | null => nameOf(schema) ?? (schema.items ? shapeIn(schema.items) : ((schema.anyOf ?? []).map(shapeIn).find(Boolean) ?? null));

const fieldsOf = ({ properties = {}, required = [] }: Schema): Field[] =>
  Object.entries(properties).map(([name, schema]) => ({
    name, type: typeOf(schema), shape: shapeIn(schema), isRequired: required.includes(name),
    description: [schema.description, schema.default === undefined ? null : `Default: ${JSON.stringify(schema.default)}.`].filter(Boolean).join(" "),
  }));

type Content = Record<string, { schema: Schema; example?: unknown }>;
type Said = {
  operationId: string; tags: [Tag]; summary: string; description: string; "x-permission"?: string | string[]; parameters?: { in: string; name: string; required?: boolean; schema: Schema; description?: string }[]; requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
};

function entryOf(method: string, path: string, said: Said): Entry {
  const parameters = (said.parameters ?? []).map(({ in: where, name, required = false, schema, description }) => ({ in: where, name, type: typeOf(schema), shape: null, isRequired: required, description: description ?? schema.description ?? "" }));
  const [media, content] = Object.entries(said.requestBody?.content ?? {})[0] ?? [];
  const example = content?.example === undefined ? null : JSON.stringify(content.example, null, 2);
  return {
    id: said.operationId, method: method.toUpperCase(), path, tag: said.tags[0], summary: said.summary, description: said.description.split("\n\n").slice(0, -1).join(" "), permission: [said["x-permission"] ?? []].flat().join(" and "), parameters,
    body: media && content ? { media, fields: fieldsOf(content.schema), example } : null,
    answers: Object.entries(said.responses).map(([status, { description, content: given }]) => {
      const [type, body] = Object.entries(given ?? {})[0] ?? [];
      return { status, description, media: type ?? null, shape: body ? shapeIn(body.schema) : null, fields: body && Number(status) < 400 ? fieldsOf(body.schema) : [] };
    }),
    curl: curlOf(method, path, parameters, media ?? null, content?.example),
  };
}

/** A command line that asks it. What stands in braces is to be filled in. */
function curlOf(method: string, path: string, parameters: { in: string; name: string; isRequired: boolean }[], media: string | null, example: unknown): string {
  const asked = parameters.filter(({ in: where, isRequired }) => where === "query" && isRequired).map(({ name }) => `${name}={${name}}`).join("&");
  const parts = [`curl${method === "get" ? "" : ` -X ${method.toUpperCase()}`} -H "Authorization: Bearer $PENSTOCK_API_KEY"`];
  if (media) parts.push(`-H "Content-Type: ${media}"`, example === undefined ? "--data-binary @file" : `-d '${JSON.stringify(example).replaceAll("'", "'\\''")}'`);
  return [...parts, `"$PENSTOCK_URL${path}${asked && `?${asked}`}"`].join(" \\\n  ");
}

export function apiReference(): { chapters: { tag: Tag; note: string; entries: Entry[] }[]; shapes: Shape[] } {
  const document = apiDocument();
  const paths = Object.entries(document.paths ?? {}) as [string, Record<string, Said>][];
  const entries = paths.flatMap(([path, item]) => METHODS.flatMap((method) => (item[method] ? [entryOf(method, path, item[method])] : [])));
  const schemas = Object.entries(document.components?.schemas ?? {}) as [string, Schema & { examples?: unknown[] }][];
  return {
    chapters: (Object.entries(TAGS) as [Tag, string][]).map(([tag, note]) => ({ tag, note, entries: entries.filter((entry) => entry.tag === tag) })).filter((chapter) => chapter.entries.length > 0),
    shapes: schemas.map(([name, schema]) => ({ name, description: schema.description ?? "", fields: fieldsOf(schema), type: typeOf(schema), example: schema.examples ? JSON.stringify(schema.examples[0], null, 2) : null })).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
