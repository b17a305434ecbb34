/** `page` is there when the answer is a list. */
export type Answer<T, P = undefined> = { ok: true; data: T; page: P } | { ok: false; message: string; /** It is there, and the reader's role may not see payloads. */ isHidden?: boolean };

/**
 * Asks our own API. `T` is what the route at `url` answers under `data`, and `P` under `page`: both ends are built from one source.
 * A refusal, a broken connection and an answer that is none come back as a sentence for a person.
 */
export async function readData<T, P = undefined>(url: string, init?: RequestInit): Promise<Answer<T, P>> {
  try {
    const response = await fetch(url, { ...init, headers: { accept: "application/json", ...init?.headers } });
    return readAnswer<T, P>(response.status, await response.text());
  } catch {
    return { ok: false, message: "The server does not answer. It may be restarting: try again." };
  }
}

/** An answer of our API, from its status and its text. */
export function readAnswer<T, P = undefined>(status: number, text: string): Answer<T, P> {
  const body = parseObject(text);
  if (status >= 200 && status < 300 && "data" in body) return { ok: true, data: body.data as T, page: body.page as P };
  const detail = typeof body.detail === "string" ? body.detail : typeof body.title === "string" ? body.title : null;
  return { ok: false, message: detail ?? `The server answered ${status} without saying why. Look into its log.`, isHidden: body.permission === "payloads.read" };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
