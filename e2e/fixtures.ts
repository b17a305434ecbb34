import { AxeBuilder } from "@axe-core/playwright";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, type Locator, type Page, test as base } from "@playwright/test";
import { PROVIDER_PORT, ROOT } from "./playwright.config.ts";

export { expect };

export const test = base.extend({
  context: async ({ context }, use) => {
    context.on("page", whole);
    await use(context);
  },
});

/** A page is gone to when all of it is there: parts of it come hidden, and for a moment would be found twice. */
function whole(page: Page): void {
  const goto = page.goto.bind(page);
  page.goto = async (...asked) => {
    const response = await goto(...asked);
    await expect(page.locator('[hidden][id^="S:"]')).toHaveCount(0, { timeout: 5_000 }).catch(() => {});
    return response;
  };
}

/** What one story leaves for the next, also when that is tried again in another process. */
const NOTES = `${ROOT}/.tmp/e2e-notes.json`;
const notes = (): Record<string, string> => (existsSync(NOTES) ? JSON.parse(readFileSync(NOTES, "utf8")) : {});
export const note = (name: string, value: string): void => writeFileSync(NOTES, JSON.stringify({ ...notes(), [name]: value }));
export const noted = (name: string): string => notes()[name] ?? "";

/** How the model behaves from now on. */
export async function setModel(mode: "sane" | "nonsense" | "refuse" | "slow"): Promise<void> {
  await fetch(`http://127.0.0.1:${PROVIDER_PORT}/mode`, { method: "PUT", body: mode });
}

/** Opens a page and waits until it is alive: what is typed or chosen before belongs to nobody. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByTitle("This page updates by itself.")).toBeAttached();
}

/** The part of Pipeline Control that is about one stage. */
export const stage = (page: Page, name: string): Locator => page.getByRole("region", { name: `Stage ${name}`, exact: true });

/** Waits until the run that a stage shows, active or last, has this status. */
export async function expectStatus(page: Page, name: string, status: string, timeout = 30_000): Promise<void> {
  await expect(stage(page, name).getByRole("link", { name: new RegExp(`^#\\d+ ${status}$`) })).toBeVisible({ timeout });
}

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
async function expectNothing(axe: AxeBuilder, where: string): Promise<void> {
  // There are no frames of other hosts here; without looking for them axe needs no second page.
  const { violations } = await axe.setLegacyMode(true).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`), where).toEqual([]);
}

/** No violation of WCAG 2.2 AA that axe can see. */
export async function expectAccessible(page: Page): Promise<void> {
  await expectNothing(new AxeBuilder({ page }).withTags(RULES), page.url());
}

/** The page as it stands fits the window, and axe finds nothing: in light by every rule, in dark, where only the colours are others, by contrast. */
export async function expectFitInLightAndDark(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "light" });
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await expectNothing(new AxeBuilder({ page }).withRules(["color-contrast"]), `${page.url()}, dark`);
}

/** The page is as wide as the window: nothing makes it scroll sideways. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  expect(width[0], "the page scrolls sideways").toBeLessThanOrEqual(width[1] ?? 0);
}

/** A small archive: two letters and one that is cut off in the middle. */
export const ARCHIVE = [
  "From a@example.com Mon Nov  2 10:00:00 2026", "From: Ada <a@example.com>", "To: me@example.org", "Subject: One", "Message-ID: <one@example.com>", "Date: Mon, 2 Nov 2026 10:00:00 +0100", "", "Hello", "",
  "From b@example.com Mon Nov  2 11:00:00 2026", "From: Bob <b@example.com>", "To: me@example.org", "Subject: Two", "Message-ID: <two@example.com>", "Date: Mon, 2 Nov 2026 11:00:00 +0100", "", "Hello again", "",
  "From c@example.com Mon Nov  2 12:00:00 2026", "From: Cleo <c@example.com>", "Subject: Cut", "Message-ID: <three@example.com>", "Date: Mon, 2 Nov 2026 12:00:00 +0100", 'Content-Type: multipart/mixed; boundary="x"', "", "--x", "Content-Type: text/plain", "", "cut he",
].join("\n");
