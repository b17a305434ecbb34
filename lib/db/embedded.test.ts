import { spawn } from "node:child_process";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { ROOT } from "#lib/root";
import { startEmbedded } from "./embedded.ts";

const home = join(ROOT, ".tmp/test-embedded");
rmSync(home, { recursive: true, force: true });
afterAll(async () => {
  await (await startEmbedded(home)).stop();
  rmSync(home, { recursive: true, force: true });
});

// A client that tried to reach the server while it was down once sat on its port: it came back at another, and every worker was lost.
test("it comes back at its address, which no outgoing connection can hold, and waits for who does", async () => {
  const first = await startEmbedded(home);
  const port = Number(new URL(first.url).port);
  expect(port).toBeLessThan(32_768);
  await first.stop();
  const squatter = createServer().listen(port, "127.0.0.1");
  const back = startEmbedded(home);
  await sleep(300);
  await new Promise((resolve) => squatter.close(resolve));
  expect((await back).url).toBe(first.url);
});

test("a pid file whose number another program has by now is nobody's, and that program is left alone", async () => {
  const first = await startEmbedded(home);
  const pidFile = join(home, "postgres/data/postmaster.pid");
  const written = readFileSync(pidFile, "utf8");
  await first.stop();
  const stranger = spawn("sleep", ["60"]);
  try {
    writeFileSync(pidFile, written.replace(/^\d+/, String(stranger.pid)));
    const back = await startEmbedded(home);
    expect(back).toMatchObject({ url: first.url, wasRunning: false });
    expect(back.pid).not.toBe(stranger.pid);
    await back.stop();
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  } finally {
    stranger.kill("SIGKILL");
  }
});

test("a server that was killed leaves processes and a pid file behind: the next one waits for those and recovers", async () => {
  const first = await startEmbedded(home);
  const client = new pg.Client({ connectionString: first.url });
  client.on("error", () => {});
  await client.connect();
  await client.query("create table if not exists kept (n int)");
  await client.query("insert into kept values (1)");
  // A backend that is busy does not notice the death of its parent: it is what a second server must not write beside.
  const busy = client.query("select count(*) from generate_series(1, 5000000)").catch(() => {});
  process.kill(first.pid, "SIGKILL");
  const back = await startEmbedded(home);
  expect(back).toMatchObject({ url: first.url, wasRunning: false });
  await busy;
  await client.end().catch(() => {});
  const reader = new pg.Client({ connectionString: back.url });
  await reader.connect();
  expect((await reader.query("select n from kept limit 1")).rows).toEqual([{ n: 1 }]);
  await reader.end();
}, 60_000);

test("an address that another program keeps is left to it", async () => {
  const first = await startEmbedded(home);
  const port = Number(new URL(first.url).port);
  await first.stop();
  const squatter = createServer().listen(port, "127.0.0.1");
  const back = await startEmbedded(home);
  await new Promise((resolve) => squatter.close(resolve));
  expect(back.url).not.toBe(first.url);
}, 60_000);

test("a folder that cannot be written to is told, with what to do", async () => {
  await expect(startEmbedded("/proc/penstock")).rejects.toMatchObject({ code: "UNAVAILABLE", message: expect.stringMatching(/^The data folder \/proc\/penstock cannot be written to \(\w+\)\. Make it writable, or set PENSTOCK_HOME/) });
});

test.runIf(process.getuid?.() === 0)("as root it runs as somebody else, as PostgreSQL demands", async () => {
  const { pid } = await startEmbedded(home);
  expect(statSync(`/proc/${pid}`).uid).not.toBe(0);
});
