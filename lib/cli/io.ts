import { constants } from "node:os";
import { EXIT, type Io } from "./command.ts";

/** Thrown where a command was stopped from outside. `note` is said to the person, if there is something to say. */
export class Interrupted extends Error {
  readonly exitCode: number;
  readonly note: string;

  constructor(exitCode: number = EXIT.interrupted, note = "") {
    super("Interrupted");
    this.name = "Interrupted";
    this.exitCode = exitCode;
    this.note = note;
  }
}

/** Columns where a terminal does not say. */
const DEFAULT_WIDTH = 80;

/** One Ctrl-C under `npm start` arrives twice, from the terminal and from npm: what follows this soon is the same one. */
const ECHO_MS = 500;

/**
 * The terminal of this process. From here on Ctrl-C and SIGTERM abort `signal`, and a second Ctrl-C ends the process
 * on the spot; a reader that goes away (`| head`) ends it quietly.
 */
export function processIo(process: NodeJS.Process): Io & { exit(code: number): Promise<never> } {
  const { stdout, stderr, env } = process;
  const stop = new AbortController();
  let isReaderGone = false;
  const interrupt = (exitCode: number) => stop.abort(new Interrupted(exitCode));
  let interruptedAt: number | null = null;
  process.on("SIGINT", () => {
    const now = performance.now();
    if (interruptedAt !== null && now - interruptedAt > ECHO_MS) process.exit(EXIT.interrupted);
    interruptedAt ??= now;
    interrupt(EXIT.interrupted);
  });
  process.on("SIGTERM", () => interrupt(EXIT.terminated));
  // The terminal is gone: nobody is left to say anything to, but what is open must still be closed.
  process.on("SIGHUP", () => interrupt(128 + constants.signals.SIGHUP));
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    isReaderGone = true;
    if (error.code === "EPIPE") stop.abort(new Interrupted(EXIT.done));
    else interrupt(EXIT.failed);
  });
  // Standard error without a reader: there is nowhere left to complain to.
  stderr.on("error", () => {});
  const isTty = stdout.isTTY === true;
  return {
    out: (text) => {
      if (!isReaderGone) stdout.write(text);
    },
    write: async (bytes) => {
      if (!isReaderGone && !stdout.write(bytes)) await new Promise<void>((resolve) => (stdout.once("drain", resolve), stop.signal.addEventListener("abort", () => resolve(), { once: true })));
    },
    err: (text) => {
      stderr.write(text);
    },
    stdin: process.stdin,
    isTty,
    errIsTty: stderr.isTTY === true && env.TERM !== "dumb",
    // no-color.org: any value but the empty one
    colour: stderr.isTTY === true && isTty && env.TERM !== "dumb" && !env.NO_COLOR,
    get width() {
      return stdout.columns ?? stderr.columns ?? DEFAULT_WIDTH;
    },
    signal: stop.signal,
    env,
    now: () => new Date(),
    async exit(code) {
      if (!isReaderGone) await new Promise<void>((resolve) => stdout.write("", () => resolve()));
      process.exit(code);
    },
  };
}
