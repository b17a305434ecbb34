import { AppError } from "#lib/errors";

const READING = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Why a request that may change something is refused: it comes from a page of another site. Null when it may pass.
 * A browser always says where such a request comes from; programs say nothing, and pass.
 */
export function crossSiteFault(method: string, header: (name: string) => string | null): { status: 403; error: AppError } | null {
  if (READING.has(method)) return null;
  const site = header("sec-fetch-site");
  const origin = header("origin");
  const isForeign = (site !== null && site !== "same-origin" && site !== "none") || (origin !== null && hostOf(origin) !== header("host")?.toLowerCase());
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
