/** Lists that stand on no other door of the command line. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PIPELINES } from "#lib/pipelines/registry";
import { runLine } from "#lib/testing/command-line";
import { cloneDatabase, type TestDatabase } from "#lib/testing/database";

let test: TestDatabase;
let folder: string;
beforeAll(async () => {
  test = await cloneDatabase();
  folder = mkdtempSync(join(tmpdir(), "penstock-lists-"));
});
afterAll(async () => {
  await test.drop();
  rmSync(folder, { recursive: true, force: true });
});

const say = (...line: string[]) => runLine({ DATABASE_URL: test.url, PENSTOCK_HOME: folder }, line);

it("prompts: each that a pipeline declares, once, with its stages and its use", async () => {
  const declared = [...new Set(PIPELINES.flatMap(({ stages }) => stages.flatMap(({ prompts }) => (prompts ?? []).map(({ name, version }) => `${name}@${version}`))))].toSorted();
  const { code, out } = await say("llm", "prompts", "-o", "ids");
  expect(code).toBe(0);
  expect(out.trim().split("\n").toSorted()).toEqual(declared);
  expect(JSON.parse((await say("llm", "prompts", "--json")).out)[0]).toMatchObject({ name: expect.any(String), text: expect.any(String), calls: 0, isCurrent: true });
});

it("news: none yet, then what was imported, narrowed; a wrong impact is refused", async () => {
  expect(await say("trading", "news")).toMatchObject({ code: 0, out: "" });
  const file = join(folder, "news.csv");
  writeFileSync(file, "symbol,time,title,impact\nEURUSD,2026-11-20T08:00:00Z,Rates unchanged,high\nXAUUSD,2026-11-20T09:00:00Z,Mine reopens,low\n");
  expect(await say("import", "news", file)).toMatchObject({ code: 0 });
  const { out } = await say("trading", "news");
  expect(out.indexOf("Mine reopens")).toBeLessThan(out.indexOf("Rates unchanged"));
  const high = await say("trading", "news", "--impact", "high", "--json");
  expect(JSON.parse(high.out)).toMatchObject([{ symbol: "EURUSD", title: "Rates unchanged" }]);
  expect(await say("trading", "news", "--impact", "loud")).toMatchObject({ code: 2, err: expect.stringContaining("impact") });
});
