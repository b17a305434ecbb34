import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readJson } from "#lib/api/body";
import { crossSiteFault } from "#lib/api/origin";
import { printJson, problemOf, toAppError } from "#lib/api/problem";
import { AppError } from "#lib/errors";

const driver = (originalCode: string) => Object.assign(new Error("Raw query failed"), { code: "P2010", meta: { driverAdapterError: { cause: { originalCode, kind: "postgres" } } } });

describe("problemOf", () => {
  it.each([["22021", 400], ["22P05", 400], ["22P02", 400], ["22003", 400], ["22007", 400], ["22008", 400], ["57014", 503], ["53100", 507], ["08006", 503], ["57P01", 503], ["53300", 503]])(
    "answers SQLSTATE %s with %i",
    (sqlstate, status) => expect(problemOf(driver(sqlstate)).status).toBe(status),
  );

  it.each([
    Object.assign(new Error("Can't reach database server"), { code: "P1001" }),
    Object.assign(new Error("x"), { meta: { driverAdapterError: { cause: { kind: "DatabaseNotReachable" } } } }),
    Object.assign(new Error("connect"), { code: "ECONNREFUSED" }),
    new Error("timeout exceeded when trying to connect"),
    new Error("Query read timeout"),
  ])("answers an unreachable database with 503 and when to come back", (error) => {
    expect(problemOf(error)).toMatchObject({ status: 503, headers: { "Retry-After": "2" } });
  });

  it("names each faulty field of an input", () => {
    const { error } = z.strictObject({ params: z.object({ size: z.number() }) }).safeParse({ params: { size: "x" }, odd: 1 });
    const body = JSON.parse(problemOf(error).body);
    expect(body).toMatchObject({ status: 400, code: "INVALID", title: "Not valid" });
    expect(body.errors.map(({ path }: { path: string }) => path).toSorted()).toEqual(["odd", "params.size"]);
  });

  it("carries the facts of a refusal beside its own members, which they cannot replace", () => {
    const body = JSON.parse(problemOf(new AppError("CONFLICT", "In the way.", { details: { runId: 7, status: "running" } })).body);
    expect(body).toEqual({ runId: 7, type: "about:blank", title: "In the way", status: 409, detail: "In the way.", code: "CONFLICT" });
  });

  it("recognises a refusal from another copy of the module", () => {
    expect(toAppError(Object.assign(new Error("Gone."), { name: "AppError", code: "NOT_FOUND" }))?.code).toBe("NOT_FOUND");
  });
});

it("prints a bigint as a number while that is exact", () => {
  expect(printJson({ a: 5n, b: 2n ** 60n })).toBe('{"a":5,"b":"1152921504606846976"}');
});

describe("readJson", () => {
  const post = (body: BodyInit, type = "application/json") => new Request("http://localhost/", { method: "POST", body, headers: { "content-type": type } });
  const refusal = (body: BodyInit, type?: string) => readJson(post(body, type)).then(() => null, (error) => error.code);

  it("reads JSON, and nothing as {}", async () => {
    expect(await readJson(post('{"a":[1]}'))).toEqual({ a: [1] });
    expect(await readJson(new Request("http://localhost/", { method: "POST" }))).toEqual({});
  });

  it("refuses what is no JSON, too deep, too large, or not UTF-8", async () => {
    expect(await refusal("{bad")).toBe("INVALID");
    expect(await refusal("a=1", "application/x-www-form-urlencoded")).toBe("UNSUPPORTED");
    expect(await refusal("[".repeat(100_000))).toBe("INVALID");
    expect(await refusal(`"${"a".repeat(1_100_000)}"`)).toBe("TOO_LARGE");
    expect(await refusal(new Uint8Array([0x22, 0xff, 0x22]))).toBe("INVALID");
  });
});

describe("crossSiteFault", () => {
  const fault = (method: string, headers: Record<string, string>) => crossSiteFault(method, (name) => headers[name] ?? null)?.status ?? null;
  it("lets programs and own pages pass, and refuses other sites", () => {
    expect(fault("POST", { host: "localhost:3000" })).toBeNull();
    expect(fault("POST", { host: "localhost:3000", origin: "http://localhost:3000", "sec-fetch-site": "same-origin" })).toBeNull();
    expect(fault("GET", { host: "localhost:3000", origin: "http://evil.example" })).toBeNull();
    expect(fault("POST", { host: "localhost:3000", origin: "http://localhost:4000" })).toBe(403);
    expect(fault("POST", { host: "localhost:3000", origin: "null" })).toBe(403);
    expect(fault("DELETE", { host: "localhost:3000", "sec-fetch-site": "same-site" })).toBe(403);
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", " TEXT/PLAIN;charset=UTF-8"])("a form of %s with a session says which page sent it", (type) => {
    const form = { host: "localhost:3000", "content-type": type };
    for (const cookie of ["penstock=a.b", "theme=dark; __Host-penstock=a.b"]) {
      expect(fault("POST", { ...form, cookie })).toBe(403);
      expect(fault("POST", { ...form, cookie, origin: "http://localhost:3000" })).toBeNull();
      expect(fault("POST", { ...form, cookie, "sec-fetch-site": "same-origin" })).toBeNull();
    }
    expect(fault("POST", form)).toBeNull();
    expect(fault("POST", { ...form, cookie: "penstockish=a" })).toBeNull();
    expect(fault("POST", { host: "localhost:3000", cookie: "penstock=a.b", "content-type": "application/json" })).toBeNull();
  });
});
