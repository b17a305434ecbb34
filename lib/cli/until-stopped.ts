import { flushCompileCache } from "node:module";
import { onParentGone } from "#lib/supervisor/child";
import type { Io } from "./command.ts";

/** Says that the process is ready, to its parent or to a person, and waits until it is to stop: by signal, or because its parent is gone. */
export function untilStopped(io: Io, ready: string): Promise<void> {
  if (process.send) process.send(ready);
  // Standard output is for programs: whoever started it waits for this line.
  else io.out(`${ready}\n`);
  // What it has compiled to get here: whoever is killed writes nothing, and the next start is to be quick.
  flushCompileCache();
  return new Promise((resolve) => {
    if (io.signal.aborted) resolve();
    io.signal.addEventListener("abort", () => resolve(), { once: true });
    onParentGone(resolve);
  });
}
