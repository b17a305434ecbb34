/** Who may do what: the one table, asked by every verb. Isomorphic, so that a page offers what its reader may do. */
import type { Actor } from "#lib/ctx";
import { AppError } from "#lib/errors";

/** Each right, and what it lets one do, as it is said in refusals and on the page of roles. */
export const PERMISSIONS = {
  "runs.read": "see runs, stages, statistics, errors, schedules and workers",
  "payloads.read": "see inputs and outputs, prompts and answers, logs and parameters",
  "runs.export": "export what a list shows",
  "runs.trigger": "start runs and backtests",
  "runs.cancel": "cancel runs",
  "runs.retry": "retry runs",
  "runs.annotate": "annotate runs",
  "views.save": "save views of a list",
  "stages.control": "pause and resume stages, pin runs",
  "errors.resolve": "resolve error groups, and write down known causes",
  "schedules.change": "add, change and delete schedules",
  "imports.run": "import mail, prices and news",
  "trading.control": "turn the kill switch, and agents on and off",
  "demo.change": "fill in the demo, and clear it",
  "workers.drain": "drain workers",
  "metrics.read": "read the figures for monitoring",
  "keys.make": "make API keys with at most one's own rights",
  "keys.manage": "see and revoke everybody's API keys",
  "people.manage": "invite people, change their roles, and disable them",
  "settings.change": "change retention, prices and other settings",
  "audit.read": "read the audit log",
} as const;
export type Permission = keyof typeof PERMISSIONS;
export const ALL_PERMISSIONS = Object.keys(PERMISSIONS) as Permission[];

const VIEWER = ["runs.read", "payloads.read", "runs.export", "views.save", "keys.make"] as const satisfies Permission[];
const OPERATOR = [
  ...VIEWER, "runs.trigger", "runs.cancel", "runs.retry", "runs.annotate", "stages.control", "errors.resolve", "schedules.change",
  "imports.run", "trading.control", "demo.change", "workers.drain", "metrics.read",
] as const satisfies Permission[];

/** From the least to the most. */
export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];
export const PERMISSIONS_OF: Readonly<Record<Role, readonly Permission[]>> = { viewer: VIEWER, operator: OPERATOR, admin: ALL_PERMISSIONS };

/** What a person or a key may do. */
export type Rights = ReadonlySet<Permission>;

/**
 * The command line on this machine and the workers hold the database's password: a check would stop neither. Everybody else
 * may do what they were given, and nothing without being given it.
 */
export const can = (actor: Actor, permission: Permission): boolean => ("may" in actor ? actor.may.has(permission) : actor.kind === "cli" || actor.kind === "worker");

/** Whether inputs, outputs, texts, log lines and parameters are left out of what is told: that there are some is no secret. */
export const isHidden = ({ actor }: { actor: Actor }): boolean => !can(actor, "payloads.read");

/** The first line of every verb. @throws AppError FORBIDDEN */
export function allow({ actor }: { actor: Actor }, permission: Permission): void {
  if (can(actor, permission)) return;
  const role = ROLES.find((name) => PERMISSIONS_OF[name].includes(permission));
  throw new AppError("FORBIDDEN", `${actor.name} may not ${PERMISSIONS[permission]}. An admin can give the role ${role}, which may.`, { details: { permission } });
}
