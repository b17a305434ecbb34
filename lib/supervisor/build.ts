/** The production build of the pages: made when something it is made from has changed. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withFileLock } from "#lib/db/file-lock";
import { AppError } from "#lib/errors";
import { ROOT } from "#lib/root";

const SOURCES = ["app", "components", "lib", "package.json", "package-lock.json", "next.config.mjs", "tsconfig.json"];
const STAMP = join(ROOT, ".next/penstock-build");

/** Builds when needed. `say` is told before it does, since it takes a while. */
export async function ensureBuild(say: (line: string) => void): Promise<void> {
  if (isFresh()) return;
  await withFileLock(join(ROOT, ".next-build.lock"), async () => {
    if (isFresh()) return;
    say("Building the pages ...");
    const stamp = [digestSources(timesOf), digestSources(readFileSync)];
    await runBuild();
    writeFileSync(STAMP, stamp.join("\n"));
  });
}

/** By sizes and times; all is read only where those are others, as after a checkout. */
function isFresh(): boolean {
  if (!existsSync(STAMP)) return false;
  const [times, contents = ""] = readFileSync(STAMP, "utf8").split("\n");
  const timesNow = digestSources(timesOf);
  if (times === timesNow) return true;
  if (contents !== digestSources(readFileSync)) return false;
  writeFileSync(STAMP, [timesNow, contents].join("\n"));
  return true;
}

/** In one go: a thousand small files are read in the time that waiting for each would take ten times over. */
function digestSources(read: (path: string) => string | Buffer): string {
  const hash = createHash("sha256");
  for (const source of SOURCES) {
    for (const path of listFiles(join(ROOT, source))) hash.update(path).update("\0").update(read(path)).update("\0");
  }
  return hash.digest("hex");
}

function timesOf(path: string): string {
  const { size, mtimeMs } = statSync(path);
  return `${size} ${mtimeMs}`;
}

function listFiles(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts") && !entry.parentPath.includes("/generated"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function runBuild(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, "node_modules/next/dist/bin/next"), "build"], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", NODE_OPTIONS: "" },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => { said = (said + chunk).slice(-20_000); });
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new AppError("UNAVAILABLE", `The pages could not be built:\n${said}`))));
  });
}
