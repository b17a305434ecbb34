/**
 * One program, run as a process group that cannot outlive us: how it is found, begun, read and ended.
 *
 * Its group is led by a shell that begins a watcher and then becomes the program, so that process id, exit code and
 * signals are the program's own. The watcher holds one end of a socket whose other end is ours: when we let go of it, or
 * die in whatever way, it reads the end of it and kills the whole group, itself included.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "#lib/errors";
import { type Line, readLines } from "./program-lines.ts";

/** The watcher is nobody's child: a program that waits for all its children must not wait for it. */
const GUARD = `( { trap '' HUP INT QUIT TERM USR1 USR2 ALRM; read -r _ <&3; kill -KILL 0; } </dev/null >/dev/null 2>&1 & )
exec 3<&-
exec "$@"`;

/** From SIGTERM to SIGKILL, in milliseconds: under what the engine grants a unit whose signal was aborted. */
const KILL_GRACE_MS = 8_000;
/** What a process that left the group may go on holding our pipes for after the program has ended, in milliseconds of silence. */
const DRAIN_MS = 1_000;
const DRAIN_LOOK_MS = 50;

/** A failure of the program or of starting it; its class is what people and rules of retry tell failures by. */
export class ProgramError extends Error {
  constructor(errorClass: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = errorClass;
  }
}

export type ProgramSpec = {
  argv: readonly string[];
  cwd: string;
  env: Record<string, string>;
  /** What it reads on its standard input; nothing when null. */
  stdin: string | null;
  signal: AbortSignal;
  /** Asked for one batch of lines after the other: while it is busy, the program has to wait. */
  onLines(from: "stdout" | "stderr", lines: Line[]): Promise<void>;
};

export type ProgramEnd = { code: number | null; signal: NodeJS.Signals | null };

/**
 * Runs it to its end, and its group with it. When `signal` aborts, the group gets SIGTERM, and SIGKILL after a grace.
 *
 * @throws ProgramError when it cannot be started; what `onLines` throws, with the group killed
 */
export async function runProgram({ argv, cwd, env, stdin, signal, onLines }: ProgramSpec): Promise<ProgramEnd> {
  signal.throwIfAborted();
  const file = findProgram(argv[0] ?? "", env.PATH ?? "", cwd);
  const child = spawnGuarded(file, argv.slice(1), { cwd, env, hasInput: stdin !== null });
  const [input, stdout, stderr, lifeline] = child.stdio as unknown as [Writable | null, Readable, Readable, Writable];
  // A program need not read what it is given, nor live until we let go.
  for (const stream of [input, lifeline]) stream?.on("error", () => {});

  let timer: NodeJS.Timeout | undefined;
  const killGroup = (name: NodeJS.Signals) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(-child.pid, name);
    } catch {
      // It has ended in this moment.
    }
  };
  const kill = () => {
    killGroup("SIGKILL");
    lifeline.destroy();
  };
  const onAbort = () => {
    killGroup("SIGTERM");
    timer = setTimeout(kill, KILL_GRACE_MS);
  };

  const ended = new Promise<ProgramEnd>((done, fail) => {
    child.once("error", (error: NodeJS.ErrnoException) => fail(notStarted(file, error)));
    child.once("exit", (code, by) => done({ code, signal: by }));
  });
  // Nothing of its group stays when it has ended.
  ended.then(() => lifeline.destroy(), () => lifeline.destroy());
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    input?.end(stdin ?? "");
    let busy = 0;
    let idleSince = performance.now();
    const reading = Promise.all([stdout, stderr].map(async (stream, index) => {
      for await (const lines of readLines(stream)) {
        busy += 1;
        await onLines(index === 0 ? "stdout" : "stderr", lines).finally(() => { busy -= 1; });
        idleSince = performance.now();
      }
    }));
    let isRead = false;
    reading.then(() => { isRead = true; }, () => {});
    // Whichever comes first: it ends, or what it says cannot be kept.
    const end = await Promise.race([ended, reading.then(() => ended)]);
    for (idleSince = performance.now(); !isRead && (busy > 0 || performance.now() - idleSince < DRAIN_MS); ) await Promise.race([reading, sleep(DRAIN_LOOK_MS)]);
    return end;
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearTimeout(timer);
    kill();
    for (const stream of [input, stdout, stderr]) stream?.destroy();
  }
}

function spawnGuarded(file: string, args: string[], { cwd, env, hasInput }: { cwd: string; env: Record<string, string>; hasInput: boolean }): ChildProcess {
  try {
    return spawn("/bin/sh", ["-c", GUARD, "penstock", file, ...args], { cwd, env: env as NodeJS.ProcessEnv, detached: true, stdio: [hasInput ? "pipe" : "ignore", "pipe", "pipe", "pipe"] });
  } catch (error) {
    throw notStarted(file, error);
  }
}

function notStarted(file: string, error: unknown): ProgramError {
  const { code } = error as NodeJS.ErrnoException;
  const because = code === "E2BIG" ? "its parameters are too long for a command line; let it read them from standard input (input: stdin)" : messageOf(error);
  return new ProgramError("ProgramNotStarted", `${file} could not be started: ${because}`, { cause: error });
}

/**
 * The file that a command's first word means: a path, seen from `cwd`, or a name on PATH.
 *
 * @throws ProgramError FolderNotFound, ProgramNotFound or ProgramNotExecutable, with what to do
 */
export function findProgram(name: string, path: string, cwd: string): string {
  if (!isKind(cwd, "folder")) throw new ProgramError("FolderNotFound", `The program's working folder ${cwd} does not exist on this worker.`);
  const isPath = name.includes("/");
  const candidates = isPath ? [resolve(cwd, name)] : path.split(delimiter).filter(Boolean).map((folder) => join(resolve(cwd, folder), name));
  const files = candidates.filter((file) => isKind(file, "file"));
  const found = files.find(isExecutable);
  if (found) return found;
  if (files[0]) throw new ProgramError("ProgramNotExecutable", `${files[0]} is not executable. Make it so with chmod +x, or name its interpreter first.`);
  throw new ProgramError("ProgramNotFound", isPath ? `There is no program ${candidates[0]} on this worker.` : `There is no program "${name}" on this worker's PATH. Install it, or give its path.`);
}

function isKind(path: string, kind: "file" | "folder"): boolean {
  try {
    const stat = statSync(path);
    return kind === "file" ? stat.isFile() : stat.isDirectory();
  } catch {
    return false;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
