/** Who may reach what, over the wire: pages and actions, asked raw, with the headers and addresses by which such checks have been walked around. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type APIRequestContext, request as requests } from "@playwright/test";
import { type Permission, PERMISSIONS_OF } from "../lib/access/rules.ts";
import { ACTION_RIGHTS, PAGE_RIGHTS } from "../lib/testing/access-matrix.ts";
import { expect, expectAccessible, expectNoSidewaysScroll, open, test } from "./fixtures.ts";
import { ADMIN, PORT, SERVER_ENV } from "./playwright.config.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const ORIGIN = `http://127.0.0.1:${PORT}`;
const PASSWORD = "eleven quiet herons over the weir";
/** Stands in the database, and must stand in nothing that a stranger is given. */
const CANARY = "canary-of-the-matrix";

const penstock = (args: string[], input = "") => execFileSync("./penstock", args, { cwd: ROOT, encoding: "utf8", input, env: { ...process.env, ...SERVER_ENV } });
const addressOf = (page: string) => page.replace(/\[(\w+)\]/g, (_, name: string) => (name === "token" ? "a".repeat(43) : name === "jobId" ? "8c1f6e0a-4a53-4c1e-9a6f-2f6f5a0f6a10" : "1"));

/** What each action takes, so that it comes to the question of rights. Things that are not there: nothing changes. */
const INPUTS: Record<string, unknown> = {
  makeKeyAction: { name: "x", role: "viewer" }, revokeKeyAction: { id: "aaaaaaaaaaaa" }, fillDemoAction: {}, removeDemoAction: {}, startJobAction: { params: {} }, triggerRunAction: { pipeline: "mail", stage: "content" }, triggerAllAction: { pipeline: "mail" },
  pauseAction: { pipeline: "mail" }, resumeAction: { pipeline: "mail" }, setLimitAction: { pipeline: "mail", stage: "content", limit: 3 }, pinRunAction: { runId: 999_999, pinned: true }, resolveErrorGroupAction: { groupId: 999_999 }, ignoreErrorGroupAction: { groupId: 999_999 },
  reopenErrorGroupAction: { groupId: 999_999 }, retryErrorGroupAction: { groupId: 999_999 }, createCauseRuleAction: { pattern: CANARY, title: "t", hint: "h" }, saveCauseRuleAction: { id: 999_999, pattern: CANARY, title: "t", hint: "h" }, deleteCauseRuleAction: { id: 999_999 },
  retryRunAction: { runId: 999_999 }, createBulkAction: { kind: "retry", tree: null }, abortBulkAction: { id: 999_999 }, setAnnotationAction: { runId: 999_999, key: "k", value: "v" }, deleteAnnotationAction: { runId: 999_999, key: "k" }, cancelRunAction: { runId: 999_999 },
  saveViewAction: { name: "v", query: "" }, deleteViewAction: { id: 999_999 }, createScheduleAction: { name: "n", pipeline: "mail", cron: "0 2 * * *" }, saveScheduleAction: { id: 999_999, name: "n", pipeline: "mail", cron: "0 2 * * *" }, pauseScheduleAction: { id: 999_999 },
  resumeScheduleAction: { id: 999_999 }, runScheduleAction: { id: 999_999 }, deleteScheduleAction: { id: 999_999 }, loadSampleDeskAction: {}, drainWorkerAction: { workerId: 999_999 }, setKillSwitchAction: { isActive: true, reason: "r" }, setAgentSwitchAction: { agent: "trend_agent", isEnabled: false },
  addPriceAction: { model: CANARY, inputUsd: 1, outputUsd: 1 }, changeSettingsAction: { values: { auditDays: 400 } }, changePasswordAction: {}, beginSecondFactorAction: {}, confirmSecondFactorAction: {}, dropOwnSecondFactorAction: {}, changeRoleAction: { id: "nobody", role: "admin" }, disablePersonAction: { id: "nobody" }, dropSecondFactorAction: { id: "nobody" }, enablePersonAction: { id: "nobody" }, invitePersonAction: { email: "x@example.org", role: "admin" }, makeResetLinkAction: { id: "nobody" }, signOutEverywhereAction: {},
};

/** Headers and addresses that have led around a check before (CVE-2025-29927 and its kin). */
const TRICKS: { name: string; headers?: Record<string, string>; path?: (path: string) => string }[] = [
  { name: "plain" },
  { name: "x-middleware-subrequest", headers: { "x-middleware-subrequest": "middleware:middleware:middleware:middleware:middleware" } },
  { name: "x-middleware-rewrite", headers: { "x-middleware-rewrite": "/sign-in", "x-middleware-next": "1", "x-nextjs-data": "1" } },
  { name: "Next-Resume", headers: { "next-resume": "1" } },
  { name: "RSC", headers: { rsc: "1" } },
  { name: "prefetch", headers: { rsc: "1", "next-router-prefetch": "1" } },
  { name: "segment prefetch", headers: { rsc: "1", "next-router-prefetch": "1", "next-router-segment-prefetch": "/_tree" } },
  { name: "a router state", headers: { rsc: "1", "next-router-state-tree": encodeURIComponent(JSON.stringify(["", { children: ["(console)", {}] }, null, null, true])) } },
  { name: "forwarded", headers: { "x-forwarded-host": "localhost", "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http", "x-original-url": "/sign-in", "x-rewrite-url": "/sign-in", "x-forwarded-user": "admin" } },
  { name: "a made-up cookie", headers: { cookie: "penstock=admin; __Host-penstock=admin; better-auth.session_token=admin" } },
  { name: "locale", path: (path) => `${path}?__nextLocale=en&__nextDefaultLocale=en` },
  { name: "_rsc", path: (path) => `${path}?_rsc=abc`, headers: { rsc: "1" } },
  { name: "_next/data", path: (path) => `/_next/data/build${path === "/" ? "/index" : path}.json` },
  { name: ".rsc", path: (path) => `${path === "/" ? "/index" : path}.rsc` },
  { name: ".segments", path: (path) => `${path === "/" ? "/index" : path}.segments/_tree.segment.rsc` },
  { name: "trailing slash", path: (path) => `${path}/` },
  { name: "trailing dot", path: (path) => `${path}.` },
  { name: "double slash", path: (path) => `/${path}` },
  { name: "dots", path: (path) => `/sign-in/%2e%2e${path}` },
  { name: "an encoded letter", path: (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`) },
];

let viewer: APIRequestContext;
let operator: APIRequestContext;
let stranger: APIRequestContext;

test("people of each role sign in", async ({ browser }) => {
  penstock(["users", "create", "viewer@example.org", "--role", "viewer", "--password-stdin"], PASSWORD);
  const key = penstock(["keys", "create", "--name", "matrix", "--role", "admin", "-o", "ids"]).trim();
  const program = await requests.newContext({ baseURL: ORIGIN, extraHTTPHeaders: { authorization: `Bearer ${key}` } });
  expect((await program.post("/api/v1/schedules", { data: { name: CANARY, pipeline: "mail", cron: "0 2 1 1 *" } })).status()).toBe(201);
  const context = await browser.newContext({ baseURL: ORIGIN, storageState: { cookies: [], origins: [] } });
  const page = await context.newPage();
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill("viewer@example.org");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: /^Sign in/ }).click();
  await expect(page.getByTitle("This page updates by itself.")).toBeAttached();
  viewer = await requests.newContext({ baseURL: ORIGIN, storageState: await context.storageState() });
  stranger = await requests.newContext({ baseURL: ORIGIN, storageState: { cookies: [], origins: [] } });
  make("operator", "operator");
  operator = await enter("operator@example.org");
  expect(await (await viewer.get("/schedules")).text()).toContain(CANARY);
});

test("the API reference is searched by key, and fits a phone", async ({ browser }) => {
  const page = await (await browser.newContext({ baseURL: ORIGIN, storageState: await viewer.storageState() })).newPage();
  await open(page, "/docs");
  await expect(page.getByRole("heading", { name: "API", level: 1 })).toBeVisible();
  await page.keyboard.press("/");
  await page.keyboard.type("retry");
  await expect(page.getByText(/^\d of \d+$/)).toBeVisible();
  await page.getByText("/api/v1/runs/{id}/retry", { exact: true }).click();
  await expect(page.getByText("runs.retry").first()).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 800 });
  await expectNoSidewaysScroll(page);
});

test("no page shows a stranger anything, by whatever way they come", async () => {
  test.setTimeout(240_000);
  const wrong: string[] = [];
  for (const [page, right] of Object.entries(PAGE_RIGHTS)) {
    if (right === "public") continue;
    await Promise.all(TRICKS.map(async ({ name, headers, path }) => {
      const address = path ? path(addressOf(page)) : addressOf(page);
      const response = await stranger.get(ORIGIN + address, { headers, maxRedirects: 0, failOnStatusCode: false });
      const text = await response.text();
      const status = response.status();
      if (text.includes(CANARY)) wrong.push(`${page} by ${name}: ${status} with what is ours`);
      if (status >= 500) wrong.push(`${page} by ${name}: ${status}`);
      if (status === 200 && !/NEXT_REDIRECT|\/sign-in|"b":/.test(text)) wrong.push(`${page} by ${name}: 200 ${text.slice(0, 120)}`);
      if (name === "plain" && status !== 307) wrong.push(`${page}: ${status} instead of 307`);
    }));
  }
  expect(wrong).toEqual([]);
});

/** Signs somebody in over the wire, as the form does. */
async function enter(email: string, password = PASSWORD): Promise<APIRequestContext> {
  const who = await requests.newContext({ baseURL: ORIGIN, storageState: { cookies: [], origins: [] } });
  const reference = references().find(([, { exportedName }]) => exportedName === "signInAction");
  if (!reference) throw new Error("The build has no sign-in.");
  const response = await who.post("/sign-in", { headers: asAction(reference[0]), data: JSON.stringify([{ email, password }]) });
  expect(await response.text()).toContain('"ok":true');
  return who;
}

const make = (name: string, role: string) => penstock(["users", "create", `${name}@example.org`, "--role", role, "--password-stdin"], PASSWORD);

test("each page answers each role, and whoever has been let in and is no more, as the table has it", async () => {
  test.setTimeout(240_000);
  for (const name of ["pages-disabled", "pages-left"]) make(name, "admin");
  const left = await enter("pages-left@example.org");
  const disabled = await enter("pages-disabled@example.org");
  const isIn = async (who: APIRequestContext) => (await who.get("/settings/people", { maxRedirects: 0 })).status() === 200;
  expect([await isIn(left), await isIn(disabled)]).toEqual([true, true]);
  // The cookie that is kept aside is sent again once its session has ended.
  const kept = await requests.newContext({ baseURL: ORIGIN, storageState: await left.storageState() });
  const everywhere = references().find(([, { exportedName }]) => exportedName === "signOutEverywhereAction");
  if (!everywhere) throw new Error("The build has no way out.");
  expect((await act(left, everywhere)).text).toContain('"ok":true');
  penstock(["users", "disable", "pages-disabled@example.org"]);
  const askers: { name: string; who: APIRequestContext; may: ReadonlySet<Permission> | null }[] = [
    { name: "a stranger", who: stranger, may: null }, { name: "somebody disabled", who: disabled, may: null }, { name: "a session that was ended", who: kept, may: null },
    { name: "a viewer", who: viewer, may: new Set(PERMISSIONS_OF.viewer) }, { name: "an operator", who: operator, may: new Set(PERMISSIONS_OF.operator) },
    { name: "an admin", who: await enter(ADMIN.email, ADMIN.password), may: new Set(PERMISSIONS_OF.admin) },
  ];
  const wrong: string[] = [];
  for (const [page, right] of Object.entries(PAGE_RIGHTS)) {
    await Promise.all(askers.map(async ({ name, who, may }) => {
      const response = await who.get(addressOf(page), { maxRedirects: 0, failOnStatusCode: false });
      const [status, to] = [response.status(), response.headers().location ?? ""];
      const got = status === 403 ? "refused" : status === 307 && to.startsWith("/sign-in") ? "sign in" : status >= 500 ? "failed" : "in";
      const want = right === "public" ? "in" : may === null ? "sign in" : right === "signed in" || may.has(right) ? "in" : "refused";
      if (got !== want) wrong.push(`${page} for ${name}: ${status} ${to} instead of ${want}`);
    }));
  }
  expect(wrong).toEqual([]);
});

type Reference = { exportedName: string; workers: Record<string, unknown> };
const references = (): [string, Reference][] => Object.entries((JSON.parse(readFileSync(`${ROOT}/.next/server/server-reference-manifest.json`, "utf8")) as { node: Record<string, Reference> }).node);

const asAction = (id: string) => ({ "next-action": id, "content-type": "text/plain;charset=UTF-8", origin: ORIGIN, accept: "text/x-component" });

async function act(who: APIRequestContext, [id, { exportedName, workers }]: [string, Reference]): Promise<{ status: number; text: string }> {
  const page = Object.keys(workers)[0] ?? "app/page";
  const address = addressOf(`/${page.replace(/^app\//, "").replace(/\([\w-]+\)\//g, "").replace(/\/?page$/, "")}`);
  const response = await who.post(address, { headers: asAction(id), data: JSON.stringify([INPUTS[exportedName] ?? {}]), maxRedirects: 0, failOnStatusCode: false });
  return { status: response.status(), text: await response.text() };
}

test("every action of the build stands in the table, and does nothing for whoever may not", async () => {
  test.setTimeout(240_000);
  const wrong: string[] = [];
  const built = references();
  expect(built.map(([, { exportedName }]) => exportedName).filter((name) => !(name in ACTION_RIGHTS))).toEqual([]);
  const roles = [{ name: "a viewer", who: viewer, may: new Set<Permission>(PERMISSIONS_OF.viewer) }, { name: "an operator", who: operator, may: new Set<Permission>(PERMISSIONS_OF.operator) }];
  for (const reference of built) {
    const { exportedName } = reference[1];
    const right = ACTION_RIGHTS[exportedName] ?? "public";
    if (right === "public") continue;
    const asStranger = await act(stranger, reference);
    if (/"ok":true/.test(asStranger.text) || asStranger.status >= 500) wrong.push(`${exportedName} for a stranger: ${asStranger.status} ${asStranger.text.slice(0, 160)}`);
    for (const { name, who, may } of roles) {
      if (right === "signed in" || may.has(right)) continue;
      const { status, text } = await act(who, reference);
      if (!/"code":"FORBIDDEN"/.test(text)) wrong.push(`${exportedName} for ${name}: ${status} ${text.slice(0, 200)}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("an address of the API that is none, or asked wrongly, is told so as a problem", async () => {
  for (const [method, path, status] of [["GET", "/api/nothing", 404], ["PATCH", "/api/v1/runs", 405], ["POST", "/api/v1/runs/1", 405], ["DELETE", "/simulate/trigger", 405], ["GET", "/api/v1/runs", 401]] as const) {
    // Where nothing is, a stranger is asked who they are first.
    const response = await (status === 404 ? viewer : stranger).fetch(path, { method, failOnStatusCode: false });
    expect(response.status(), `${method} ${path}`).toBe(status);
    expect(response.headers()["content-type"], `${method} ${path}`).toContain("application/problem+json");
    if (status === 405) expect(response.headers().allow).toBeTruthy();
  }
});
