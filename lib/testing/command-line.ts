import type { Io } from "#lib/cli/command";
import { runCommandLine } from "#lib/cli/main";

const NOW = new Date();

/** A line of the command line, in this process: what it ended with, and what it said to programs and to people. */
export async function runLine(env: Record<string, string>, line: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const io: Io = {
    out: (text) => void (out += text), write: async (bytes) => void (out += new TextDecoder().decode(bytes)), err: (text) => void (err += text),
    stdin: (async function* () {})(), isTty: false, errIsTty: false, colour: false, width: 200, signal: new AbortController().signal, env, now: () => NOW,
  };
  return { code: await runCommandLine(io, line), out, err };
}
