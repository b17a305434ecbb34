import { parseEnv } from "#lib/env";
import { runningUrl } from "#lib/supervisor/instance";
import { publicUrl } from "#lib/supervisor/first-start";
import { linkPath } from "#lib/people/rules";
import type { Io } from "./command.ts";

/** The whole link for a token: at PENSTOCK_URL, otherwise where ./penstock start runs, otherwise where it usually does. */
export function linkOf(io: Io, token: string): string {
  const env = parseEnv(io.env);
  return publicUrl(env, runningUrl(env.PENSTOCK_HOME) ?? "http://127.0.0.1:3000") + linkPath(token);
}
