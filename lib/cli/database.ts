import "server-only";
import { userInfo } from "node:os";
import type { Ctx } from "#lib/ctx";
import type { Io } from "./command.ts";
import { refuseRemote } from "./remote.ts";

/** What a command has at hand while it talks to the database. */
export type Session = Ctx & { url: string };

/**
 * Runs `fn` with a database: that of DATABASE_URL, otherwise the embedded one, adopted when it runs and started for the
 * time of the command when it does not. Closed whatever happens.
 *
 * @param options.stopsItself `fn` watches `io.signal` and has things to put in order when it aborts. Others are not waited for.
 * @throws AppError INVALID when commands are to work with a server elsewhere; UNAVAILABLE when there is no database to be had; Interrupted when `io.signal` aborts
 */
export async function withCtx<T>(io: Io, fn: (ctx: Session) => Promise<T>, options: { stopsItself?: boolean } = {}): Promise<T> {
  const [{ parseEnv }, { connect }, { openDb }] = await Promise.all([import("#lib/env"), import("#lib/db/connect"), import("#lib/db/client")]);
  io.signal.throwIfAborted();
  refuseRemote(io.env, "This");
  const { url, release } = await connect(parseEnv(io.env));
  try {
    const db = openDb(url, 4);
    try {
      const work = fn({ db, url, actor: { kind: "cli", name: userName() } });
      return await (options.stopsItself ? work : unlessAborted(io.signal, work));
    } finally {
      await db.$disconnect();
    }
  } finally {
    await release();
  }
}

/** `work`, or a rejection with the signal's reason as soon as it aborts; what `work` does after that is nobody's business. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    work.catch(() => {});
  }
}

/** The operating system's name for whoever types; containers may have none. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
