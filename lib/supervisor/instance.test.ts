import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { claimHome, runningUrl } from "./instance.ts";

const home = mkdtempSync(join(tmpdir(), "penstock-instance-"));
const file = join(home, "start.json");
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** No process has this id: Linux hands out less. */
const NO_PID = 2 ** 22 + 1;

test("after one that was killed, its port is waited for: its web server is still ending", async () => {
  const left = createServer().listen(0, "127.0.0.1");
  await once(left, "listening");
  const url = `http://127.0.0.1:${(left.address() as AddressInfo).port}`;
  writeFileSync(file, JSON.stringify({ pid: NO_PID, parents: [], url }));
  let isClaimed = false;
  const claiming = claimHome(home).then((claimed) => {
    isClaimed = true;
    return claimed;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(isClaimed).toBe(false);
  left.close();
  const claimed = await claiming;
  expect(runningUrl(home)).toBeNull();
  claimed.announce(url);
  claimed.release();
  expect(existsSync(file)).toBe(false);
});

test("what cannot be read as the file of a start is nobody's", async () => {
  writeFileSync(file, "{");
  expect(runningUrl(home)).toBeNull();
  (await claimHome(home)).release();
});
