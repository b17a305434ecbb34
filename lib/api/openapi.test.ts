import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ALL_PERMISSIONS } from "#lib/access/rules";
import { apiDocument } from "#lib/api/openapi";
import { METHODS_OF, methodsAt } from "#lib/api/methods";
import { OPERATIONS } from "#lib/api/operations/all";
import { operationId, permissionsOf } from "#lib/api/operations/operation";
import { exampleOf } from "#lib/api/shapes/basics";
import { ROOT } from "#lib/root";

/** Addresses that are no operation: what is asked there is refused, or it is where a browser comes back to from signing in elsewhere. */
const NOBODYS = ["/api/{...path}", "/api/auth/callback/{provider}"];
const named = OPERATIONS.map((operation) => [`${operation.method} ${operation.path}`, operation] as const);

/** `method path` of every handler that a route file exports, read off its text: a file that is not there cannot be forgotten here. */
function walkRoutes(): string[] {
  const files = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "app/**/route.ts"], { cwd: ROOT, encoding: "utf8" }).stdout.trim().split("\n").filter(Boolean);
  return files.flatMap((file) => {
    const path = `/${file.replace(/^app\//, "").replace(/\/?route\.ts$/, "").replace(/\([^)]+\)\//g, "").replace(/\[([^\]]+)\]/g, "{$1}")}`;
    const text = readFileSync(join(ROOT, file), "utf8");
    const methods = [...text.matchAll(/\b(GET|POST|PUT|PATCH|DELETE)\b(?=\s*=|\s*\(|,| \})/g)].map(([, method = ""]) => method.toLowerCase());
    return [...new Set(methods)].map((method) => `${method} ${path}`);
  });
}

it("is printed by ./penstock openapi, without a server", () => {
  const { status, stdout } = spawnSync("./penstock", ["openapi"], { cwd: ROOT, encoding: "utf8", env: { ...process.env, DATABASE_URL: "postgres://nobody@127.0.0.1:1/nowhere", PENSTOCK_API_KEY: "" }, maxBuffer: 50_000_000 });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(apiDocument())));
});

it("declares every handler there is, and none besides", () => {
  const handled = walkRoutes().filter((name) => !NOBODYS.some((path) => name.endsWith(` ${path}`)));
  expect(named.map(([name]) => name).toSorted()).toEqual(handled.toSorted());
});

it("has a table of methods that says the same", () => {
  const said = Map.groupBy(OPERATIONS, ({ path }) => path);
  expect(Object.keys(METHODS_OF).toSorted()).toEqual([...said.keys()].toSorted());
  for (const [path, operations] of said) expect(METHODS_OF[path]?.split(" ").toSorted(), path).toEqual(operations.map(({ method }) => method.toUpperCase()).toSorted());
  expect(methodsAt("/api/v1/runs/count")).toEqual(["GET", "HEAD", "OPTIONS"]);
  expect(methodsAt("/api/v1/runs/1/pin")).toEqual(["PUT", "DELETE", "OPTIONS"]);
  expect(methodsAt("/runs")).toBeNull();
});

it("names each operation once", () => {
  const ids = OPERATIONS.map(operationId);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

describe.each(named)("%s", (_, operation) => {
  it("wants rights that there are, and says its path's parameters", () => {
    expect(permissionsOf(operation).filter((permission) => !ALL_PERMISSIONS.includes(permission))).toEqual([]);
    expect(Object.keys(operation.params?.shape ?? {})).toEqual([...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  });

  it("has examples that fit its own schemas", () => {
    if (operation.body && "schema" in operation.body) expect(operation.body.schema.safeParse(operation.body.example).error?.issues).toBeUndefined();
    if (typeof operation.answer !== "string") expect(operation.answer.safeParse(exampleOf(operation.answer)).error?.issues).toBeUndefined();
  });
});

it("is an OpenAPI 3.1 document whose references all lead somewhere", () => {
  const document = apiDocument();
  const text = JSON.stringify(document);
  expect(document.openapi).toBe("3.1.0");
  const schemas: Record<string, unknown> = document.components?.schemas ?? {};
  const missing = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name = ""]) => name).filter((name) => !(name in schemas));
  expect(missing).toEqual([]);
  for (const operation of OPERATIONS) {
    const said = (document.paths?.[operation.path] as Record<string, Record<string, unknown>> | undefined)?.[operation.method];
    expect(said, operationId(operation)).toMatchObject({ operationId: operationId(operation), ...(operation.permission && { "x-permission": operation.permission }) });
    expect(Object.keys(said?.responses ?? {}).length).toBeGreaterThan(1);
  }
  expect(z.json().safeParse(JSON.parse(text)).success).toBe(true);
});
