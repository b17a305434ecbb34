/** Those who act in tests. */
import { PERMISSIONS_OF, type Role } from "#lib/access/rules";
import type { Actor } from "#lib/ctx";

/** Somebody in a browser with what their role may. */
export const person = (name: string, role: Role): Extract<Actor, { may: unknown }> => ({ kind: "web", name, may: new Set(PERMISSIONS_OF[role]) });
export const admin = (name: string) => person(name, "admin");
