/** What programs, models, letters and people say is text, whatever it looks like: nothing of it runs, and nothing asks another host. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { APIRequestContext, BrowserContext, Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { PAYLOADS } from "./hostile.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PORT = 4_313;
test.use({ baseURL: `http://127.0.0.1:${PORT}` });
test.describe.configure({ timeout: 240_000 });

const processes: ChildProcess[] = [];
let runId = 0;
/** Known to the processes by its value, and told by the program. */
const SECRET = "canary/4711+heron";
const told = (text: string) => [SECRET, encodeURIComponent(SECRET), Buffer.from(SECRET).toString("base64").replace(/=+$/, "")].filter((form) => text.includes(form));
test.beforeAll(async ({ playwright }) => {
  const folder = mkdtempSync(join(tmpdir(), "hostile-"));
  const say = (message: object) => `${JSON.stringify(message)}\n`;
  const lines = PAYLOADS.flatMap((text, n) => [
    `${text}\n`,
    say({ penstock: "log", line: text, level: "warn" }),
    say({ penstock: "step", name: text.slice(0, 90), input: { text, [text]: text }, output: [text, { text }], ...(n % 2 && { error: text, errorClass: text.slice(0, 60) }) }),
    say({ penstock: "llm", provider: text.slice(0, 40), model: text.slice(0, 40), role: "judge", subject: text.slice(0, 60), system: text, prompt: text, response: text, parsed: { text }, durationMs: 1 }),
    ...(n % 10 === 0 ? [say({ penstock: "failed", item: text, error: `${n} ${text}`, errorClass: "Hostile" }), say({ penstock: "annotation", key: `hostile-${n}`, value: text })] : []),
  ]);
  lines.push(`the token is ${SECRET}\n`, say({ penstock: "step", name: "secret", input: { url: `https://x/?t=${encodeURIComponent(SECRET)}` }, output: Buffer.from(SECRET).toString("base64") }), say({ penstock: "failed", item: "last", error: `refused ${SECRET}`, errorClass: "Refused" }));
  writeFileSync(join(folder, "says"), lines.join(""));
  writeFileSync(join(folder, "hostile.yaml"), ["pipeline: hostile", "title: Hostile", "description: Says what nobody should", "stages:", "  - name: says", "    title: Says", `    run: [sh, -c, "cat says; echo '${"<img src=x onerror=pwned()>"}' >&2; exit 3"]`, "    env: [HOSTILE_API_TOKEN]", "    params:", "      text: { type: text, default: x }"].join("\n"));
  const env = { ...process.env, PENSTOCK_HOME: `${ROOT}/.tmp/e2e-home`, DATABASE_URL: "", PORT: String(PORT), PENSTOCK_PIPELINES: folder };
  Object.assign(env, { HOSTILE_API_TOKEN: SECRET });
  for (const command of ["web", "worker"]) processes.push(spawn(`${ROOT}/penstock`, [command], { cwd: ROOT, env, stdio: "ignore" }));
  const request = await playwright.request.newContext({ baseURL: `http://127.0.0.1:${PORT}` });
  await expect.poll(() => request.get("/readyz").then((answer) => answer.status(), () => 0), { timeout: 60_000 }).toBe(200);
  await request.dispose();
});
test.afterAll(async () => {
  for (const child of processes) child.kill("SIGTERM");
  await expect.poll(() => processes.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null), { timeout: 40_000 }).toBe(true);
});

/** One run that has said it all, and things that people named. */
async function plant(request: APIRequestContext): Promise<number> {
  if (runId > 0) return runId;
  const text = PAYLOADS[22] ?? "";
  const made = await (await request.post("/api/v1/pipelines/hostile/stages/says/runs", { data: { params: { text } } })).json();
  runId = made.data.runId ?? made.data.id;
  await expect.poll(async () => (await (await request.get(`/api/v1/runs/${runId}`)).json()).data.status, { timeout: 90_000 }).toBe("failed");
  await request.put(`/api/v1/runs/${runId}/annotations/note`, { data: { value: text } });
  await request.post("/api/v1/schedules", { data: { name: "<img src=x onerror=pwned()>", pipeline: "hostile", stage: "says", cron: "0 0 1 1 *", params: { text }, paused: true } });
  const mbox = ["From a@b.example Mon Nov  2 10:00:00 2026", `From: "${"<img src=x onerror=pwned()>"}" <a@b.example>`, "To: me@example.org", "Subject: <script>pwned()</script>", "Message-ID: <hostile@b.example>", "Date: Mon, 2 Nov 2026 10:00:00 +0100", "Content-Type: text/html", "", "<img src=https://evil.invalid/mail.gif onerror=pwned()>", ""].join("\n");
  await request.post(`/api/v1/pipelines/mail/imports?name=${encodeURIComponent("<img src=x onerror=pwned()>.mbox")}`, { headers: { "content-type": "application/octet-stream" }, data: mbox });
  return runId;
}

/** Walks the pages, opens what can be opened, and tells what happened that must not. */
async function walk(page: Page, context: BrowserContext, request: APIRequestContext): Promise<string[]> {
  const happened: string[] = [];
  const id = await plant(request);
  await page.exposeFunction("pwned", () => happened.push("a script ran"));
  page.on("dialog", (dialog) => { happened.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
  context.on("request", (asked) => { if (/^https?:/.test(asked.url()) && new URL(asked.url()).host !== `127.0.0.1:${PORT}`) happened.push(`asked ${asked.url()}`); });
  const { data: [call] } = await (await request.get("/api/v1/llm-calls?limit=1")).json();
  const { data: groups } = await (await request.get("/api/v1/errors")).json();
  const hostile = (groups as { id: number; errorClass?: string }[])[0]?.id;
  for (const path of [`/runs/${id}`, "/runs", "/", "/control", "/errors", ...(hostile ? [`/errors/${hostile}`] : []), "/ai-audit", `/ai-audit/${call.id}`, "/ai-audit/prompts", "/ai-audit/usage", "/schedules", `/runs/compare?a=${id}&b=${id}`, `/runs?q=${encodeURIComponent(PAYLOADS[2] ?? "")}`]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    if (path !== `/runs/${id}`) continue;
    await expect(page.getByRole("log").first()).toContainText("<script>pwned()</script>");
    const grid = page.getByRole("treegrid");
    await grid.focus();
    for (let row = 0; row < 12; row += 1) {
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
    }
  }
  // Nothing that is shown leads to a script or, unseen, away.
  const links = await page.locator("a[href]").evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).protocol));
  happened.push(...links.filter((protocol) => !["http:", "https:", "mailto:"].includes(protocol)).map((protocol) => `a link to ${protocol}`));
  return happened;
}

test(`${PAYLOADS.length} hostile texts in logs, steps, model calls, errors, names and files: none runs`, async ({ page, context, request }) => {
  expect(PAYLOADS).toHaveLength(200);
  expect(await walk(page, context, request)).toEqual([]);
});

test.describe("with the content security policy out of the way", () => {
  test.use({ bypassCSP: true });
  test("still none", async ({ page, context, request }) => {
    expect(await walk(page, context, request)).toEqual([]);
  });
});

test("a secret that a program told is in no page, answer, export, log or file of the pages", async ({ request }) => {
  const id = await plant(request);
  const { data: groups } = await (await request.get("/api/v1/errors")).json();
  const paths = ["/", "/runs", `/runs/${id}`, "/errors", "/control", "/ai-audit", `/api/v1/runs/${id}`, `/api/v1/runs/${id}/steps`, `/api/v1/runs/${id}/logs`, `/api/v1/runs/${id}/trace`, `/api/v1/runs/${id}/llm-calls`, "/api/v1/errors", "/api/v1/runs/export?format=csv", "/api/v1/llm-calls/export?format=ndjson", "/api/v1/activity", "/metrics", ...(groups as { id: number }[]).map(({ id: group }) => `/errors/${group}`)];
  for (const path of paths) {
    const answer = await request.get(path);
    expect(answer.status(), path).toBe(200);
    expect(told(await answer.text()), path).toEqual([]);
  }
  const files = readdirSync(join(ROOT, ".next/static"), { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) expect(told(readFileSync(join(file.parentPath, file.name), "latin1")), file.name).toEqual([]);
});
