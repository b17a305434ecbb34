/** The web server as `./penstock web` serves it, for benches: on a database of theirs. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { get } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Page } from "@playwright/test";
import { openDb } from "#lib/db/client";
import { ROOT } from "#lib/root";
import { signedIn } from "#lib/testing/people";

/** What `fetch` and `get` send so that the server answers: filled in by `signInTo`. */
export const asAdmin = { headers: { cookie: "" } };

/** Makes an admin in a database, unless there is one, and signs in: before the server is started, which is to know the same secret. */
export async function signInTo(databaseUrl: string): Promise<void> {
  process.env.PENSTOCK_SECRET ??= randomBytes(32).toString("base64url");
  const db = openDb(databaseUrl, 1);
  try {
    asAdmin.headers.cookie = (await signedIn(db, "admin", "bench")).cookie;
  } finally {
    await db.$disconnect();
  }
}

/** The same for a page of a browser. */
export async function signInPage(page: Page, url: string): Promise<void> {
  const [name = "", value = ""] = asAdmin.headers.cookie.split("=", 2);
  await page.context().addCookies([{ name, value, url }]);
}

/** The whole answer, over a connection that is kept, as whoever is signed in; its size in bytes. @throws Error when it is not 200 */
export function readFrom(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, asAdmin, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => (bytes += chunk.byteLength));
      response.once("end", () => (response.statusCode === 200 ? resolve(bytes) : reject(new Error(`${response.statusCode} ${url}`))));
    }).once("error", reject);
  });
}

/** @param home a folder of its own, beside the database */
export async function startWeb(databaseUrl: string, home: string): Promise<{ child: ChildProcess; url: string }> {
  await signInTo(databaseUrl);
  const child = spawn(join(ROOT, "penstock"), ["web"], { cwd: ROOT, env: { ...process.env, DATABASE_URL: databaseUrl, PENSTOCK_HOME: home, PENSTOCK_RATE_LIMIT: "0" }, stdio: ["ignore", "pipe", "pipe"] });
  child.stderr?.resume();
  for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
    const url = /Penstock is at (\S+)/.exec(line)?.[1];
    if (url) {
      child.stdout?.resume();
      return { child, url };
    }
  }
  throw new Error("the server did not start");
}
