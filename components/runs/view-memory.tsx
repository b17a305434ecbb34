import { VIEW_COOKIE } from "#components/runs/view-cookie";
import { printRunsView, type RunsView } from "#lib/runs/fields";

const YEAR_S = 31_536_000;

export function rememberView(view: RunsView): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the server must read it before it draws, and cookieStore is not everywhere
  document.cookie = `${VIEW_COOKIE}=${encodeURIComponent(printRunsView(view).toString())}; path=/; max-age=${YEAR_S}; samesite=lax`;
}
