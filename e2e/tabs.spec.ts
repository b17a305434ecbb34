/** News reach every tab of a browser over one connection, once each, whichever tab closes; and the feed shows them. */
import type { BrowserContext, Page } from "@playwright/test";
import { expect, expectAccessible, expectNoSidewaysScroll, open, test } from "./fixtures.ts";

type Heard = { id: number; type: string };

/** Connections to the stream that the context's tabs have opened so far, as their addresses. */
function countStreams(context: BrowserContext): string[] {
  const streams: string[] = [];
  context.on("request", (request) => new URL(request.url()).pathname === "/api/v1/events" && streams.push(request.url()));
  return streams;
}

/** Notes what the leading tab passes on to this one. */
async function listenIn(page: Page): Promise<void> {
  await page.evaluate(() => {
    const heard: Heard[] = [];
    const channel = new BroadcastChannel("penstock-live");
    channel.onmessage = ({ data }) => data.kind === "event" && data.event.id !== null && heard.push({ id: data.event.id, type: data.event.type });
    Object.assign(window, { heard, channel });
  });
}
const heardBy = (page: Page) => page.evaluate(() => (window as unknown as { heard: Heard[] }).heard);

/** Whether this tab holds the connection. Locks name their holder, so a lock of our own says who we are. */
const leads = (page: Page) => page.evaluate(async () => {
  const holderOf = async (wanted?: string) => (await navigator.locks.query()).held?.find(({ name }) => name === wanted)?.clientId;
  const me = await navigator.locks.request(`who-am-i-${Math.random()}`, async (lock) => holderOf(lock?.name));
  return me === (await holderOf("penstock-live"));
});

async function leaderOf(pages: Page[]): Promise<Page> {
  let leader: Page | undefined;
  await expect.poll(async () => {
    const leading = await Promise.all(pages.map(leads));
    leader = pages[leading.indexOf(true)];
    return leading.filter(Boolean).length;
  }).toBe(1);
  if (!leader) throw new Error("no tab leads");
  return leader;
}

/** Tells this round of tests from earlier ones on the same application. */
const ROUND = Date.now().toString(36);

/** Annotates the oldest run, which is one event of the stream, and a line in the feed. */
async function annotate(page: Page, value: string): Promise<void> {
  const { data: [run] } = await (await page.request.get("/api/v1/runs?sort=started&limit=1")).json();
  const answer = await page.request.put(`/api/v1/runs/${run.id}/annotations/tabs`, { data: { value: `${value} (${ROUND})` } });
  expect(answer.ok()).toBe(true);
}
const lines = (page: Page, value: string) => page.getByRole("list", { name: "Activity" }).getByRole("listitem").filter({ hasText: `tabs = ${value} (${ROUND})` });

/** As the browser tells a page whose tab is covered by another. */
const hide = (page: Page, hidden: boolean) => page.evaluate((isHidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
  document.dispatchEvent(new Event("visibilitychange"));
}, hidden);

test.beforeAll(async ({ request }) => {
  const { data } = await (await request.get("/api/v1/runs?limit=1")).json();
  if (data.length > 0) return;
  const made = await request.post("/api/v1/pipelines/mail/stages/metadata/runs", { data: {} });
  expect(made.ok()).toBe(true);
});

test("three tabs share one connection; when its tab closes another goes on, and each event reaches each tab once", async ({ context }) => {
  const streams = countStreams(context);
  const pages = await Promise.all([1, 2, 3].map(() => context.newPage()));
  for (const page of pages) await open(page, "/");
  const leader = await leaderOf(pages);
  expect(streams).toHaveLength(1);
  const others = pages.filter((page) => page !== leader);
  for (const page of others) await listenIn(page);

  await annotate(leader, "before");
  for (const page of pages) await expect(lines(page, "before")).toHaveCount(1);
  await leader.close();
  const next = await leaderOf(others);
  await annotate(next, "after");
  for (const page of others) await expect(lines(page, "after")).toHaveCount(1);
  expect(streams).toHaveLength(2);
  // It went on where it was, and did not begin anew.
  expect(streams[1]).toMatch(/\?lastEventId=\d+$/);

  const last = others.find((page) => page !== next) as Page;
  const annotations = (await heardBy(last)).filter(({ type }) => type === "run.annotated");
  expect(annotations).toHaveLength(2);
  expect(new Set(annotations.map(({ id }) => id)).size).toBe(2);
});

test("what happens while no tab has the connection is told to the tab that takes it over", async ({ context, page }) => {
  const other = await context.newPage();
  for (const tab of [page, other]) await open(tab, "/");
  await annotate(page, "seen");
  for (const tab of [page, other]) await expect(lines(tab, "seen")).toHaveCount(1);
  const leader = await leaderOf([page, other]);
  const follower = leader === page ? other : page;
  // The event passes when the first connection has gone and the second is not there yet.
  await context.route("**/api/v1/events*", async (route) => {
    await annotate(follower, "meanwhile");
    await route.continue();
  });
  await leader.close();
  await expect(lines(follower, "meanwhile")).toHaveCount(1);
});

test("a hidden tab that has the connection serves the others, and hands it over; with all hidden nobody has it", async ({ context }) => {
  const streams = countStreams(context);
  const pages = await Promise.all([1, 2].map(() => context.newPage()));
  for (const page of pages) await open(page, "/");
  const leader = await leaderOf(pages);
  const follower = pages.find((page) => page !== leader) as Page;
  await hide(leader, true);
  await annotate(follower, "covered");
  await expect(lines(follower, "covered")).toHaveCount(1);
  expect(streams).toHaveLength(1);
  await expect.poll(() => leads(follower), { timeout: 20_000 }).toBe(true);
  await annotate(follower, "handed over");
  await expect(lines(follower, "handed over")).toHaveCount(1);
  await hide(follower, true);
  await expect.poll(() => follower.evaluate(async () => (await navigator.locks.query()).held?.length), { timeout: 20_000 }).toBe(0);
  await annotate(follower, "unseen");
  await hide(follower, false);
  await expect(lines(follower, "unseen")).toHaveCount(1);
  expect(streams).toHaveLength(3);
});

test("a browser without locks has a connection for each tab", async ({ context }) => {
  const streams = countStreams(context);
  await context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
  const pages = await Promise.all([1, 2].map(() => context.newPage()));
  for (const page of pages) await open(page, "/");
  expect(streams).toHaveLength(2);
  await annotate(pages[0] as Page, "alone");
  for (const page of pages) await expect(lines(page, "alone")).toHaveCount(1);
});

test("the feed: nothing moves under the pointer, new lines come when asked for; older ones too; each leads to its run", async ({ page }) => {
  await open(page, "/");
  const feed = page.getByRole("list", { name: "Activity" });
  await annotate(page, "first");
  await expect(lines(page, "first")).toHaveCount(1);
  await feed.getByRole("listitem").first().hover();
  const before = await feed.getByRole("listitem").count();
  await annotate(page, "second");
  await expect(page.getByRole("button", { name: "1 new" })).toBeVisible();
  await expect(lines(page, "second")).toHaveCount(0);
  expect(await feed.getByRole("listitem").count()).toBe(before);
  await page.getByRole("button", { name: "1 new" }).click();
  await expect(lines(page, "second")).toHaveCount(1);
  for (let n = 0; n < 25; n += 1) await annotate(page, `more ${n}`);
  await open(page, "/");
  await page.getByRole("button", { name: "Older" }).click();
  await expect(lines(page, "second")).toHaveCount(1);
  // A link half under the filter bar, which stays in sight, would count as too small a target.
  await page.evaluate(() => window.scrollTo(0, 0));
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 800 });
  await expectNoSidewaysScroll(page);
  await lines(page, "second").getByRole("link").click();
  await expect(page).toHaveURL(/\/runs\/\d+$/);
});

test("the feed says when it cannot be kept up to date, and goes on when it can", async ({ page }) => {
  await open(page, "/");
  await page.route("**/api/v1/activity?*", (route) => route.abort());
  await annotate(page, "lost");
  await expect(page.getByText(/^The server does not answer/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
  await page.unroute("**/api/v1/activity?*");
  // Whether it is asked for or not: the next news bring both.
  await annotate(page, "found");
  await expect(lines(page, "found")).toHaveCount(1);
  await expect(lines(page, "lost")).toHaveCount(1);
  await expect(page.getByText(/^The server does not answer/)).toHaveCount(0);
});
