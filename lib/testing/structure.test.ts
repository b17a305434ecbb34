/** What the house looks like, proved: imports run one way, slices keep their vocabulary, files keep their size. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "#lib/root";
import { RUN_STATUSES } from "#lib/runs/rules";

const MAX_LINES = 400;
const files = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.tsx"], { cwd: ROOT, encoding: "utf8" })
  .stdout.trim().split("\n").filter((path) => !path.includes("/generated/"));
const sources = new Map(files.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
const isTest = (path: string) => path.includes(".test.") || path.startsWith("lib/testing/") || path.startsWith("e2e/") || path.startsWith("bench/");

/** The paths that a file imports, as `lib/…`, `components/…` or the package's name. */
function importsOf(path: string): string[] {
  const found = [...(sources.get(path) ?? "").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, target = ""]) => target);
  return found.map((target) => (target.startsWith("#") ? target.slice(1) : target.startsWith(".") ? normalize(join(dirname(path), target)) : target));
}

/** Every import from a file that `from` accepts to a path that `to` accepts. */
function crossings(from: (path: string) => boolean, to: (target: string) => boolean): string[] {
  return files.filter((path) => from(path) && !isTest(path)).flatMap((path) => importsOf(path).filter(to).map((target) => `${path} → ${target}`));
}
const within = (...folders: string[]) => (path: string) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

test("imports run one way: app → components → lib", () => {
  expect(crossings(within("lib"), within("app", "components"))).toEqual([]);
  expect(crossings(within("components"), within("app"))).toEqual([]);
  expect(crossings((path) => path.startsWith("lib/") && !path.startsWith("lib/web/"), (target) => /^(react|react-dom|next)(\/|$)/.test(target))).toEqual([]);
});

/** The slices of the domain: each may hold the same few files, and knows neither a process nor a pipeline by name. */
const NOUNS = ["runs", "stages", "workers", "filters", "stats", "annotations", "activity", "demo", "views", "facets", "trace", "baseline", "compare", "causes", "error-groups", "export", "bulk", "retention", "schedules", "waits", "llm-calls", "llm-prices", "llm-usage", "backtests", "access", "audit"];
const FILES = ["fields", "filter", "queries", "mutations", "rules"];
/** What else a slice holds, and why: the filter has forms besides (in an address, under the hand, for a shell), the demo a world to tell of, an export its bytes. */
const BESIDE = [/^lib\/filters\/(params|address|tree|edit|share)(\.test)?\.ts$/, /^lib\/(runs|llm-calls)\/address\.ts$/, /^lib\/demo\/world\//, /^lib\/export\/(encode|parquet)\.ts$/];

test("inside lib: processes → pipelines → engine → nouns → db", () => {
  const nouns = NOUNS.map((noun) => `lib/${noun}`);
  const processes = within("lib/cli", "lib/worker", "lib/web", "lib/supervisor");
  expect(crossings(within(...nouns, "lib/engine", "lib/pipelines", "lib/db", "lib/live", "lib/api", "lib/ai"), processes)).toEqual([]);
  // The registry is how the engine finds a stage by name; nothing else of the pipelines is known below them.
  expect(crossings(within(...nouns, "lib/engine", "lib/db"), (target) => target.startsWith("lib/pipelines/") && target !== "lib/pipelines/registry")).toEqual([]);
  // A backtest job is a run of its own pipeline: its verbs stand above the engine too.
  expect(crossings(within("lib/engine", "lib/db", ...nouns.filter((noun) => noun !== "lib/backtests")), within("lib/backtests"))).toEqual([]);
  // Acts on many runs stand above the engine, whose verbs they use.
  expect(crossings(within("lib/engine", "lib/db", ...nouns.filter((noun) => noun !== "lib/bulk")), within("lib/bulk"))).toEqual([]);
  expect(crossings(within("lib/db"), within("lib/engine", ...nouns))).toEqual([]);
  expect(crossings((path) => /^lib\/pipelines\/[^/]+\//.test(path), (target) => target.startsWith("lib/engine/") && !["lib/engine/define", "lib/engine/program"].includes(target))).toEqual([]);
});

test("slices hold their closed vocabulary", () => {
  const isKnown = (path: string) => FILES.some((name) => path.endsWith(`/${name}.ts`) || path.endsWith(`/${name}.test.ts`)) || path.includes("/sql/") || BESIDE.some((pattern) => pattern.test(path));
  expect(files.filter((path) => within(...NOUNS.map((noun) => `lib/${noun}`))(path) && !isKnown(path))).toEqual([]);
});

test("files are named for what they hold and stay readable", () => {
  expect(files.filter((path) => /\/(utils|helpers|misc|common|shared|types|index)\.tsx?$/.test(path))).toEqual([]);
  expect([...sources].filter(([, text]) => text.split("\n").length > MAX_LINES).map(([path]) => path)).toEqual([]);
});

test("every status has its colour and its drawing", () => {
  const sheet = readFileSync(join(ROOT, "app/status-marks.css"), "utf8");
  for (const status of RUN_STATUSES) expect(sheet).toMatch(new RegExp(`\\[data-status="${status}"\\] \\{\\s+color: var\\(--${status}\\);\\s+--mark: url\\("data:image/svg`));
});

test("who needs a type alone does not load the file that has it", () => {
  expect([...sources].filter(([, text]) => /^import \{ (?:type \w+,? ?)+\} from/m.test(text)).map(([path]) => path)).toEqual([]);
});

test("nothing stands in the project that does not belong to it", () => {
  const marks = [...sources].filter(([path, text]) => !path.endsWith("structure.test.ts") && /\b(TODO|FIXME|XXX)\b|@ts-ignore|@ts-nocheck/.test(text)).map(([path]) => path);
  expect(marks).toEqual([]);
});
