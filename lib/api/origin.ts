import { AppError } from "#lib/errors";

const READING = new Set(["GET", "HEAD", "OPTIONS"]);

/** What a form of any page can send without asking first; everything else another site's browser asks for, by a preflight that nobody here answers. */
const FORM_TYPE = /^\s*(text\/plain|application\/x-www-form-urlencoded|multipart\/form-data)\b/i;
const SESSION = /(?:^|;\s*)(?:__Host-)?penstock=/;

/**
 * Why a request that may change something is refused: it comes from a page of another site. Null when it may pass.
 * A browser says where such a request comes from; programs say nothing, and pass. A form with somebody's session that does not
 * say it was sent by a browser too old to be trusted with the question.
 */
export function crossSiteFault(method: string, header: (name: string) => string | null): { status: 403; error: AppError } | null {
  if (READING.has(method)) return null;
  const site = header("sec-fetch-site");
  const origin = header("origin");
  const isForeign = (site !== null && site !== "same-origin" && site !== "none") || (origin !== null && hostOf(origin) !== header("host")?.toLowerCase());
  if (!isForeign && origin === null && site === null && SESSION.test(header("cookie") ?? "") && FORM_TYPE.test(header("content-type") ?? "")) {
    return { status: 403, error: new AppError("FORBIDDEN", "Refused: a form with a session must say which page it comes from, by Origin or Sec-Fetch-Site. Use a newer browser, or an API key.") };
  }
  if (!isForeign) return null;
  const from = origin && origin !== "null" ? `"${origin.slice(0, 200)}"` : "a page of another site";
  return { status: 403, error: new AppError("FORBIDDEN", `Refused: the request comes from ${from}, not from Penstock's own pages. Open Penstock in the browser and do it there, or use the CLI.`) };
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host.toLowerCase();
  } catch {
    return null;
  }
}
