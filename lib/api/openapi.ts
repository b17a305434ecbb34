/** The document of the API, made from the declarations of its operations. */
import { createDocument, type ZodOpenApiObject, type ZodOpenApiOperationObject } from "zod-openapi";
import { z } from "zod";
import { PERMISSIONS, PERMISSIONS_OF, ROLES } from "#lib/access/rules";
import { ERROR_CODES, type ErrorCode } from "#lib/errors";
import { VERSION } from "#lib/version";
import { OPERATIONS } from "./operations/all.ts";
import { type Operation, operationId, permissionsOf, TAGS } from "./operations/operation.ts";
import { exampleOf, Problem } from "./shapes/basics.ts";

export type ApiDocument = ReturnType<typeof createDocument>;

/** What every operation may refuse, besides its own. */
const ALWAYS = ["INVALID", "UNAVAILABLE"] as const satisfies ErrorCode[];
const WITH_RIGHT = ["UNAUTHENTICATED", "FORBIDDEN"] as const satisfies ErrorCode[];
const WITH_BODY = ["TOO_LARGE", "TOO_SLOW", "UNSUPPORTED"] as const satisfies ErrorCode[];

const SeedProblem = Problem.extend({ error: z.string(), message: z.string() }).meta({
  id: "SeedProblem",
  description: "A problem that also speaks the words of the system whose clients ask here.",
  examples: [{ type: "about:blank", title: "Not found", status: 404, detail: "No simulation job has been made yet.", code: "NOT_FOUND", error: "not_found", message: "No simulation job has been made yet." }],
});

let made: ApiDocument | undefined;
/** Made once a process: it is the same for everybody. */
export const apiDocument = (): ApiDocument => (made ??= makeDocument());

function makeDocument(): ApiDocument {
  const paths: NonNullable<ZodOpenApiObject["paths"]> = {};
  for (const operation of OPERATIONS) paths[operation.path] = { ...paths[operation.path], [operation.method]: said(operation) };
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Penstock",
      version: VERSION,
      description: "Programs sign in with `Authorization: Bearer <key>`; a key may do what its scopes say, and never more than its owner. Refusals are problem documents (RFC 9457) with a sentence and the place of each fault.",
    },
    servers: [{ url: "/" }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "An API key, made under Settings or by ./penstock keys create." },
        session: { type: "apiKey", in: "cookie", name: "penstock", description: "The cookie of somebody who is signed in; over https it is called __Host-penstock." },
      },
    },
  });
}

/** What one must be allowed to do, as a sentence with the least role that has it. */
export function rightOf(operation: Operation): string {
  const needed = permissionsOf(operation);
  if (needed.length === 0) return "Whoever asks is answered.";
  const role = ROLES.find((name) => needed.every((permission) => PERMISSIONS_OF[name].includes(permission))) ?? "admin";
  const or = operation.or ? `, or \`${operation.or}\`` : "";
  return `Wants ${needed.map((permission) => `\`${permission}\` (${PERMISSIONS[permission]})`).join(" and ")}${or}: ${role} or more.`;
}

function said(operation: Operation): ZodOpenApiOperationObject {
  const { tag, summary, description, permission, params, query, headers, body, status = 200, answer, also, errors = [], isSeed } = operation;
  const refusals = new Set<ErrorCode>([...ALWAYS, ...(permission === null ? [] : WITH_RIGHT), ...(body ? WITH_BODY : []), ...errors]);
  // Those systems tell every fault of a request alike.
  if (isSeed && refusals.delete("MISMATCH")) refusals.add("INVALID");
  const problems = Map.groupBy(refusals, (code) => ERROR_CODES[code].status);
  return {
    operationId: operationId(operation),
    tags: [tag],
    summary,
    description: [description, rightOf(operation)].filter(Boolean).join("\n\n"),
    ...(permission !== null && { "x-permission": permission }),
    security: permission === null ? [] : [{ key: [] }, { session: [] }],
    requestParams: { ...(params && { path: params }), ...(query && { query: query as z.ZodObject }), ...(headers && { header: headers }) },
    ...(body && { requestBody: bodyOf(body) }),
    responses: {
      [`${status}`]: answerOf(answer),
      ...Object.fromEntries(Object.entries(also ?? {}).map(([code, text]) => [code, code.startsWith("3") || typeof answer === "string" ? { description: text } : { ...answerOf(answer), description: text }])),
      ...Object.fromEntries([...problems].toSorted(([a], [b]) => a - b).filter(([code]) => !also?.[`${code}`]).map(([code, codes]) => [`${code}`, problemOf(codes, isSeed === true)])),
    },
  } as ZodOpenApiOperationObject;
}

const bodyOf = (body: NonNullable<Operation["body"]>) =>
  "media" in body
    ? { required: true, description: body.description, content: { [body.media]: { schema: { type: "string" as const, format: "binary" } } } }
    : { required: false, content: { "application/json": { schema: body.schema, example: body.example } } };

function answerOf(answer: Operation["answer"]) {
  if (answer === "none") return { description: "Done." };
  if (typeof answer === "string") return { description: "The file or the stream.", content: { [answer]: { schema: { type: "string" as const } } } };
  return { description: "All is well.", content: { "application/json": { schema: answer, example: exampleOf(answer) } } };
}

const problemOf = (codes: ErrorCode[], isSeed: boolean) => ({ description: codes.map((code) => ERROR_CODES[code].title).join("; "), content: { "application/problem+json": { schema: isSeed ? SeedProblem : Problem } } });
