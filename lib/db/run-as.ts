/** PostgreSQL refuses to run as root; this says as whom, and how, to run it instead. */
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "#lib/errors";

/** A command rewritten so that it runs as an ordinary user, and who that user is (`null`: we are one already). */
export type RunAs = { owner: { uid: number; gid: number } | null; wrap(command: string, args: string[]): { command: string; args: string[]; uid?: number; gid?: number } };

const SETPRIV = ["/usr/bin/setpriv", "/bin/setpriv"];

/**
 * As an ordinary user: nothing changes. As root: the user `postgres` if there is one, else `nobody`.
 * When that user cannot walk into `paths` (a checkout below /root, a private temporary folder),
 * the process keeps the one capability that lets it (`CAP_DAC_OVERRIDE`, Linux).
 */
export function runAs(paths: string[]): RunAs {
  if (process.getuid?.() !== 0) return { owner: null, wrap: (command, args) => ({ command, args }) };

  const owner = findUser("postgres") ?? findUser("nobody");
  if (!owner) throw new AppError("UNAVAILABLE", "PostgreSQL does not run as root, and there is no user named postgres or nobody to run it as. Start Penstock as an ordinary user, or set DATABASE_URL.");
  if (paths.every(isWalkable)) return { owner, wrap: (command, args) => ({ command, args, ...owner }) };

  const setpriv = SETPRIV.find(isExecutable);
  if (!setpriv) throw new AppError("UNAVAILABLE", `PostgreSQL does not run as root, and other users may not enter ${paths.find((path) => !isWalkable(path))}. Start Penstock as an ordinary user, open that folder to others (chmod o+x), or set DATABASE_URL.`);
  const capability = "+dac_override";
  const flags = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, "--clear-groups", `--inh-caps=${capability}`, `--ambient-caps=${capability}`];
  return { owner, wrap: (command, args) => ({ command: setpriv, args: [...flags, command, ...args] }) };
}

function findUser(name: string): { uid: number; gid: number } | null {
  const line = readFileSync("/etc/passwd", "utf8").split("\n").find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : null;
}

/** Whether others may enter every folder on the way to `path`. */
export function isWalkable(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    const mode = statSync(folder, { throwIfNoEntry: false })?.mode ?? 0o001;
    if ((mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
