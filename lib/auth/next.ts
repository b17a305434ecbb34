/** Where to go after signing in: a path of ours, or the dashboard. Isomorphic. */

/** Any origin will do: what is resolved against it and leaves it was no path of ours. */
const HERE = "http://penstock.invalid";

/** What some proxy may yet take for a second slash, or for none; asked of the text and of what its dots leave of it. */
const ODD_START = /^\/(%2f|%5c|%09|%0a|%0d|\.)/i;

/**
 * The path that `next` names, whatever it holds: never another origin, and never back to the pages of signing in.
 * Browsers read `\` as `/` and skip tabs and line ends, so text with any of them is no path of ours.
 */
export function safeNext(next: unknown): string {
  if (typeof next !== "string" || next.length > 2_000 || !next.startsWith("/") || /[\\\p{Cc}\p{Cs}]/u.test(next) || /^\/{2}/.test(next)) return "/";
  if (ODD_START.test(next)) return "/";
  let url: URL;
  try {
    url = new URL(next, HERE);
  } catch {
    return "/";
  }
  const path = url.pathname + url.search + url.hash;
  if (url.origin !== HERE || path.startsWith("//") || ODD_START.test(path) || /^\/(sign-in|setup|api|_next)(\/|$)/.test(url.pathname)) return "/";
  return path;
}

/** The address of signing in, and back to `path` after it. */
export function signInPath(path: string | null): string {
  const next = safeNext(path);
  return next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`;
}
