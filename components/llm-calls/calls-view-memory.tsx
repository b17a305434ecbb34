import { type CallsView, printCallsView } from "#lib/llm-calls/fields";

/** How this person has the table of calls. */
export const CALLS_VIEW_COOKIE = "penstock-calls-view";
const YEAR_S = 31_536_000;

export function rememberCallsView(view: CallsView): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the server must read it before it draws, and cookieStore is not everywhere
  document.cookie = `${CALLS_VIEW_COOKIE}=${encodeURIComponent(printCallsView(view).toString())}; path=/; max-age=${YEAR_S}; samesite=lax`;
}
