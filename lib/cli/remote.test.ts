/** The same command line on the machine itself and against a server elsewhere: it says the same, and ends the same. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { webDb } from "#lib/db/client";
import { makeKey, revokeKey } from "#lib/keys/mutations";
import { loadSampleArchive } from "#lib/pipelines/mail/import";
import { serveApi } from "#lib/testing/api-server";
import { runLine } from "#lib/testing/command-line";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";
import { startWorker } from "#lib/worker/main";

let test: TestDatabase;
let server: Awaited<ReturnType<typeof serveApi>>;
let worker: Awaited<ReturnType<typeof startWorker>>;
let folder: string;
const tokens = { admin: "", operator: "", viewer: "" };

beforeAll(async () => {
  test = await cloneDatabase();
  process.env.DATABASE_URL = test.url;
  folder = mkdtempSync(join(tmpdir(), "penstock-remote-"));
  await loadSampleArchive(test.ctx);
  for (const role of ["admin", "operator", "viewer"] as const) tokens[role] = (await makeKey(test.ctx, { name: `the ${role}`, role })).token;
  server = await serveApi();
  worker = await startWorker({ url: test.url, concurrency: 2, onFatal: (error) => expect.unreachable(error.message) });
});
afterAll(async () => {
  await worker.stop();
  await server.close();
  await webDb().$disconnect();
  await test.drop();
  rmSync(folder, { recursive: true, force: true });
});

const here = (...line: string[]) => runLine({ DATABASE_URL: test.url, PENSTOCK_HOME: folder }, line);
const there = (token: string, ...line: string[]) => runLine({ PENSTOCK_URL: server.url, PENSTOCK_API_KEY: token, PENSTOCK_HOME: folder }, line);

describe("a server elsewhere", () => {
  it("runs a stage, watches it to its end, and answers as the machine itself does", { timeout: 120_000 }, async () => {
    const ran = await there(tokens.operator, "run", "mail/metadata", "--watch", "-o", "ids");
    expect(ran.err).toContain("completed");
    expect(ran.code).toBe(0);
    const id = ran.out.trim();
    expect(id).toMatch(/^\d+$/);
    const all = await there(tokens.operator, "run", "--all", "mail", "--param", "batchSize=50", "-o", "ids");
    expect([all.code, all.err]).toEqual([0, ""]);
    const ids = all.out.trim().split("\n");
    expect(ids.length).toBeGreaterThan(2);
    expect((await there(tokens.viewer, "runs", "watch", ...ids)).code).toBe(0);
    expect((await here("runs", "show", id, "-o", "json")).out).toContain('"createdBy": "the operator"');

    // A key that has just been used is noted as used, here as there.
    for (const line of [
      ["runs", "ls"], ["runs", "ls", "--status", "completed", "--stage", "mail/metadata"], ["runs", "ls", "--limit", "2"], ["runs", "ls", "--status", "failed"], ["runs", "show", id], ["runs", "steps", id], ["runs", "steps", id, "--io"],
      ["runs", "watch", id], ["stages", "ls", "--pipeline", "mail"], ["stats"], ["stats", "--by", "stage"], ["errors", "ls"], ["errors", "ls", "--status", "all"], ["llm", "ls", "--limit", "300"], ["schedules", "ls"], ["keys", "ls", "--all"],
    ]) {
      for (const format of ["table", "json", "ndjson", "ids"]) {
        const args = [...line, "-o", format];
        const [near, far] = [await here(...args), await there(tokens.admin, ...args)];
        expect([args.join(" "), unsteady(far)]).toEqual([args.join(" "), unsteady(near)]);
      }
    }
    expect((await there(tokens.viewer, "workers", "ls", "-o", "json")).out).toContain(`"pid": ${process.pid}`);
    const csv = join(folder, "far.csv");
    expect((await there(tokens.viewer, "runs", "export", "--stage", "metadata", "--out", csv)).code).toBe(0);
    expect(readFileSync(csv, "utf8")).toBe((await here("runs", "export", "--stage", "metadata", "--out", "-")).out);
    const again = await there(tokens.operator, "runs", "retry", id, "--watch", "--param", "batchSize=20", "-o", "json");
    expect(again.err).toContain("nothing new was waiting");
    expect([again.code, JSON.parse(again.out)[0]]).toMatchObject([0, { retryOf: Number(id), params: { batchSize: 20 } }]);
    expect(await there(tokens.operator, "runs", "cancel", id)).toMatchObject({ code: 1, err: `Run #${id} had ended before: completed.\n` });
  });

  it("the same key again is the same run, over the network too", async () => {
    const first = await there(tokens.operator, "run", "mail/metadata", "--idempotency-key", "night-1", "--on-busy", "queue", "-o", "ids");
    const second = await there(tokens.operator, "run", "mail/metadata", "--idempotency-key", "night-1", "--on-busy", "queue", "-o", "ids");
    expect([first.code, second.code, second.out]).toEqual([0, 0, first.out]);
    expect(second.err).toContain("asked before with the same key");
  });

  it.each([
    [["run", "nothing"], 4, /no stage "nothing"/], [["run", "--all", "nothing"], 4, /no pipeline "nothing"/], [["run", "mail/metadata", "--param", "colour=red"], 2, /colour is no parameter/],
    [["run", "mail/metadata", "--param", "batchSize=many"], 2, /whole number/], [["run", "mail/metadata", "--param", "batchSize=0"], 2, /batchSize/], [["runs", "show", "999999"], 4, /999999/], [["runs", "ls", "--cursor", "broken"], 2, /cursor/i],
    [["errors", "resolve", "999999"], 4, /999999/], [["keys", "revoke", "zzzzzzzzzzzz"], 4, /no key/],
  ])("refuses %j with exit code %i, as the machine itself does", async (line, code, words) => {
    const far = await there(tokens.admin, ...line);
    expect(far.err).toMatch(words);
    expect(far.code).toBe(code);
    expect((await here(...line)).code).toBe(code);
  });

  it.each([["start"], ["worker"], ["migrate"], ["doctor"], ["prune"], ["import", "sample"], ["run", "mail/metadata", "--inline"], ["runs", "cancel", "--all", "--yes"]])("what needs the machine is refused: %s %s %s %s", async (...line) => {
    const said = await there(tokens.admin, ...line);
    expect(said).toMatchObject({ code: 2, out: "" });
    expect(said.err).toContain("needs the machine that Penstock runs on");
  });
});

describe("keys over the network", () => {
  it("a viewer's reads and makes none for an operator; a key that is wrong, revoked or of nobody gets exit code 3", async () => {
    expect((await there(tokens.viewer, "runs", "ls")).code).toBe(0);
    const refused = await there(tokens.viewer, "keys", "create", "--name", "x", "--role", "operator");
    expect([refused.code, refused.out]).toEqual([3, ""]);
    const gone = await makeKey(test.ctx, { name: "gone", role: "viewer" });
    expect((await there(gone.token, "runs", "ls")).code).toBe(0);
    await revokeKey(test.ctx, { id: gone.id });
    for (const token of [gone.token, "nonsense", `pk_aaaaaaaaaaaa_${"a".repeat(43)}`]) {
      const said = await there(token, "runs", "ls");
      expect([said.code, said.out]).toEqual([3, ""]);
      expect(said.err).toContain("PENSTOCK_API_KEY opens nothing");
      expect(said.err).not.toContain(token);
    }
    for (const headers of [{}, { authorization: "Basic eDp5" }, { authorization: `Bearer ${tokens.admin.slice(0, -1)}` }] as Record<string, string>[]) {
      const response = await fetch(`${server.url}/api/v1/runs`, { headers });
      expect([response.status, response.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
    }
  });

  it("keys are made, listed and revoked; none may more than the one that makes it", async () => {
    const made = await there(tokens.operator, "keys", "create", "--name", "ci", "--role", "viewer", "--scope", "runs.read", "--scope", "keys.make", "--expires", "30d", "-o", "ids");
    expect([made.code, made.err]).toEqual([0, ""]);
    const token = made.out.trim();
    expect(token).toMatch(/^pk_/);
    const listed = await there(token, "keys", "ls", "-o", "json");
    expect(JSON.parse(listed.out)).toMatchObject([{ name: "ci", role: "viewer", permissions: ["runs.read", "keys.make"] }]);
    expect(listed.out).not.toMatch(/hash|token/);
    expect((await there(token, "keys", "create", "--name", "more", "--role", "admin")).code).toBe(3);
    expect((await there(token, "keys", "revoke", tokens.admin.split("_")[1] ?? "")).code).toBe(4);
    expect((await there(tokens.operator, "keys", "revoke", token.split("_")[1] ?? "")).code).toBe(0);
    expect((await there(token, "runs", "ls")).code).toBe(3);
    const stray = await fetch(`${server.url}/api/v1/keys`, { method: "POST", headers: { authorization: `Bearer ${tokens.viewer}`, "content-type": "application/json" }, body: JSON.stringify({ name: "x", role: "viewer", userId: "somebody", createdBy: "root" }) });
    expect([stray.status, (await stray.json()).errors.map(({ path }: { path: string }) => path).toSorted()]).toEqual([400, ["createdBy", "userId"]]);
  });

  it("without an address, or with one that does not answer or is another's, says what to do", async () => {
    expect(await runLine({ PENSTOCK_API_KEY: tokens.viewer }, ["runs", "ls"])).toMatchObject({ code: 2, err: expect.stringContaining("PENSTOCK_URL is not") });
    expect(await runLine({ PENSTOCK_API_KEY: tokens.viewer, PENSTOCK_URL: "ftp://x" }, ["runs", "ls"])).toMatchObject({ code: 2, err: expect.stringContaining("no http(s) address") });
    expect(await runLine({ PENSTOCK_API_KEY: tokens.viewer, PENSTOCK_URL: "http://127.0.0.1:1" }, ["runs", "ls"])).toMatchObject({ code: 1, err: expect.stringContaining("does not answer") });
    expect(await runLine({ PENSTOCK_API_KEY: tokens.viewer, PENSTOCK_URL: `${server.url}/elsewhere` }, ["runs", "ls"])).toMatchObject({ code: 4 });
  });
});

/** What may differ: when it was asked, and whose the keys are that it shows. */
function unsteady({ code, out, err }: Awaited<ReturnType<typeof runLine>>) {
  return { code, out: out.replace(/"(asOf|lastUsedAt|heartbeatAt|isMine)": ?("[^"]*"|null|true|false)/g, '"$1":?').replace(/^(\w{12}  the \w+ .*?)(never|just now|\d+ \w+ ago)/gm, "$1?"), err };
}
