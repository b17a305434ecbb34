/** What a browser may load and do here, on every page: nothing of another host, no script or style that is not ours, no writing from elsewhere. */
import { expect, test } from "./fixtures.ts";

const PAGES = ["/", "/runs", "/runs?status=failed", "/control", "/errors", "/errors/causes", "/workers", "/workflow", "/ai-audit", "/ai-audit/usage", "/ai-audit/prompts", "/ai-audit/prompts/classify-sender", "/ai-audit/prices", "/schedules", "/schedules/new", "/backtests", "/backtests/new", "/trading", "/trading/trades", "/trading/strategies", "/trading/journal", "/trading/accounts", "/runs/bulk", "/docs", "/settings/account", "/settings/people", "/settings/keys", "/settings/roles", "/settings/retention", "/settings/prices", "/settings/audit", "/settings/about", "/no/such/page"];

test("no page complains or breaks the content security policy, and none asks another host", async ({ page, request, baseURL }) => {
  test.setTimeout(240_000);
  const broken: string[] = [];
  const hosts = new Set<string>();
  page.on("console", (message) => message.type() === "error" && !page.url().endsWith("/no/such/page") && broken.push(`${page.url()}: ${message.text()}`));
  page.on("pageerror", (error) => broken.push(`${page.url()}: ${error.message}`));
  page.on("request", (request) => request.url().startsWith("http") && hosts.add(new URL(request.url()).host));
  await page.exposeFunction("tellBroken", (what: string) => broken.push(what));
  await page.addInitScript(() => document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile }) => (window as unknown as { tellBroken(what: string): void }).tellBroken(`${location.pathname}: ${violatedDirective} ${blockedURI} ${sourceFile}`)));
  const { data: runs } = await (await request.get("/api/v1/runs?limit=1")).json();
  for (const path of [...PAGES, ...runs.map(({ id }: { id: number }) => `/runs/${id}`)]) {
    await page.goto(path);
    await expect(page.getByRole("heading").first()).toBeVisible();
    // What opens brings elements of its own. The frame around the pages is the same everywhere.
    const part = page.locator(path === PAGES[0] ? "body" : "main");
    for (const opener of (await part.locator("[aria-haspopup]:visible").all()).slice(0, 4)) {
      await opener.click({ timeout: 3_000 }).catch(() => {});
      await page.keyboard.press("Escape");
    }
    await expect(page.locator("[data-css]"), "computed styles that were not applied").toHaveCount(0);
  }
  expect(broken).toEqual([]);
  expect([...hosts]).toEqual([new URL(baseURL ?? "").host]);
});

test("the policy is of this answer alone, and every script of a page carries its nonce", async ({ request }) => {
  const nonces = new Set<string>();
  for (const path of PAGES) {
    const answer = await request.get(path);
    const policy = answer.headers()["content-security-policy"] ?? "";
    const nonce = /script-src [^;]*'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
    expect(policy, path).not.toContain("unsafe");
    expect(nonces.has(nonce)).toBe(false);
    nonces.add(nonce);
    const html = await answer.text();
    const scripts = html.match(/<script[^>]*>/g) ?? [];
    expect(scripts.length, path).toBeGreaterThan(0);
    expect(scripts.filter((script) => !script.includes(`nonce="${nonce}"`)), path).toEqual([]);
    expect(html.match(/<[a-z]+[^<>]* (style|on[a-z]+)="/g) ?? [], path).toEqual([]);
  }
  const another = async () => nonces.add(/nonce-([^']+)/.exec((await request.get("/health")).headers()["content-security-policy"] ?? "")?.[1] ?? "");
  while (nonces.size < 1_000) {
    const before = nonces.size;
    const count = Math.min(50, 1_000 - before);
    await Promise.all(Array.from({ length: count }, another));
    expect(nonces.size, "a nonce came twice").toBe(before + count);
  }
});

test("a write that another site sends is refused, and changes nothing", async ({ request, baseURL }) => {
  const count = async () => (await (await request.get("/api/v1/runs/count")).json()).data.value;
  const before = await count();
  const forms: Record<string, string>[] = [{ origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }, { origin: "https://evil.example", "x-forwarded-host": "evil.example" }, { origin: `${baseURL}.evil.example` }];
  for (const [method, path] of [["POST", "/api/v1/pipelines/mail/runs"], ["POST", "/api/v1/pipelines/mail/stages/content/runs"], ["PUT", "/api/v1/trading/kill-switch"], ["POST", "/control"], ["POST", "/"]] as const) {
    for (const headers of forms) {
      for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"]) {
        const answer = await request.fetch(path, { method, headers: { ...headers, "content-type": type, ...(path.startsWith("/api") ? {} : { "next-action": "00".repeat(21) }) }, data: "{}" });
        expect(answer.status(), `${method} ${path} ${JSON.stringify(headers)} ${type}`).toBe(403);
      }
    }
    expect((await request.fetch(path, { method, headers: { "content-type": "text/plain" }, data: "{}" })).status(), path).toBeLessThan(500);
  }
  expect((await request.get("/api/v1/pipelines/mail/runs")).status()).toBeLessThan(500);
  expect(await count()).toEqual(before);
});

test("what is too long, coded, ambiguous or too much is refused in words, with the right status", async ({ request, baseURL }) => {
  const url = "/api/v1/runs/search";
  const json = { "content-type": "application/json" };
  const tries: [number, string, Record<string, string>, string | Buffer][] = [
    [413, url, json, `{"filter":"${"a".repeat(1_100_000)}"}`], [413, "/control", { "next-action": "0".repeat(42) }, "a".repeat(1_100_000)], [415, url, { ...json, "content-encoding": "gzip" }, "{}"], [415, url, { "content-type": "text/plain", origin: baseURL ?? "" }, "{}"], [403, url, { "content-type": "text/plain" }, "{}"],
    [400, url, json, '{"filter":"a","filter":"b"}'], [400, url, json, '{"__proto__":{}}'], [400, url, json, "[".repeat(20_000)], [400, url, json, '{"limit":1e400}'], [400, url, json, Buffer.from([0x22, 0xff, 0x22])], [414, `/runs?q=${"a".repeat(17_000)}`, {}, ""],
  ];
  for (const [status, path, headers, data] of tries) {
    const answer = await request.post(path, { headers, data: typeof data === "string" ? Buffer.from(data) : data });
    expect([answer.status(), answer.headers()["content-type"]], `${path.slice(0, 40)} ${String(data).slice(0, 40)}`).toEqual([status, "application/problem+json"]);
    expect((await answer.json()).detail.length).toBeGreaterThan(20);
  }
  expect((await request.get("/api/v1/runs?limit=1")).headers()).toMatchObject({ "ratelimit-limit": "1000", "x-content-type-options": "nosniff", "cross-origin-opener-policy": "same-origin" });
});
