import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const PLACES = ["/usr/bin", "/usr/local/bin", "/snap/bin"];
const MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/**
 * A Chromium to test with: one that is installed, else Playwright's own download, else Debian's package where we may
 * install it. Returns its path.
 *
 * @throws Error that says what to install when there is none to be had.
 */
export async function findBrowser(say: (line: string) => void): Promise<string> {
  const installed = findInstalled();
  if (installed) return installed;
  const { chromium } = await import("@playwright/test");
  if (existsSync(chromium.executablePath())) return chromium.executablePath();
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    say("Installing Chromium ...");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    spawnSync("apt-get", ["update", "-q"], { stdio: "ignore", env });
    spawnSync("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium"], { stdio: "ignore", env });
  } else {
    say("Getting Playwright's Chromium ...");
    spawnSync(process.execPath, ["node_modules/@playwright/test/cli.js", "install", "chromium"], { stdio: "ignore" });
    if (existsSync(chromium.executablePath())) return chromium.executablePath();
  }
  const found = findInstalled();
  if (found) return found;
  throw new Error("There is no browser to test with. Install Chromium or Chrome, or set PENSTOCK_TEST_BROWSER to the path of one.");
}

function findInstalled(): string | undefined {
  const asked = process.env.PENSTOCK_TEST_BROWSER;
  return [asked, ...PLACES.flatMap((place) => NAMES.map((name) => `${place}/${name}`)), MAC].find((path) => path && existsSync(path));
}
