/** Where to go after signing in: a path of ours, or the dashboard. Isomorphic. */

/** Any origin will do: what is resolved against it and leaves it was no path of ours. */
const HERE = "http://penstock.invalid";

/**
 * The path that `next` names, whatever it holds: never another origin, and never back to the pages of signing in.
 * Browsers read `\` as `/` and skip tabs and line ends, so text with any of them is no path of ours.
 */
export function safeNext(next: unknown): string {
  if (typeof next !== "string" || next.length > 2_000 || !next.startsWith("/") || /[\\\p{Cc}\p{Cs}]/u.test(next) || /^\/{2}/.test(next)) return "/";
  if (/^\/(%2f|%5c|%09|%0a|%0d|\.)/i.test(next)) return "/";
  let url: URL;
  try {
    url = new URL(next, HERE);
  } catch {
    return "/";
  }
  const path = url.pathname + url.search + url.hash;
  if (url.origin !== HERE || path.startsWith("//") || /^\/(sign-in|setup|api|_next)(\/|$)/.test(url.pathname)) return "/";
  return path;
}

/** The address of signing in, and back to `path` after it. */
export function signInPath(path: string | null): string {
  const next = safeNext(path);
  return next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`;
}
