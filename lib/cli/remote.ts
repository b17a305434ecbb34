import { z } from "zod";
import { isLoopback } from "#lib/env";
import { AppError, ERROR_CODES, type ErrorCode, type Fault, messageOf } from "#lib/errors";
import { VERSION } from "#lib/version";

/** A server of Penstock elsewhere, and the key that opens it. */
export type Remote = { url: URL; key: string };

/** How long the head of an answer, and all of one that is no stream, may take, in milliseconds. */
const TIMEOUT_MS = 60_000;

/**
 * Where commands go instead of a database: with PENSTOCK_API_KEY set, to the server at PENSTOCK_URL. The address alone does
 * not say so: to a server it is its own.
 *
 * @throws AppError INVALID
 */
export function remoteOf(env: Record<string, string | undefined>): Remote | null {
  const { PENSTOCK_API_KEY: key, PENSTOCK_URL: address } = env;
  if (!key) return null;
  if (!address) throw new AppError("INVALID", "PENSTOCK_API_KEY is set, but PENSTOCK_URL is not: say where that key is good, such as https://penstock.example.org. Without the key, commands work on this machine's own Penstock.");
  // A header holds no more; the rest of its form is for the server to judge.
  if (!/^[\x21-\x7e]{1,300}$/.test(key)) throw new AppError("INVALID", "PENSTOCK_API_KEY is no key: it begins with pk_ and holds no spaces or line ends.");
  const url = z.url({ protocol: /^https?$/ }).safeParse(address);
  if (!url.success) throw new AppError("INVALID", `PENSTOCK_URL is no http(s) address: "${address.slice(0, 200)}". Write it like https://penstock.example.org.`);
  return { url: new URL(address.endsWith("/") ? address : `${address}/`), key };
}

/** @throws AppError INVALID with a server elsewhere, for what needs the machine itself */
export function refuseRemote(env: Record<string, string | undefined>, what: string): void {
  if (!env.PENSTOCK_API_KEY) return;
  throw new AppError("INVALID", `${what} needs the machine that Penstock runs on, and PENSTOCK_API_KEY says to work with the server at ${env.PENSTOCK_URL || "PENSTOCK_URL"}. Run it there, or unset PENSTOCK_API_KEY to work on this machine.`);
}

/** What a person should know before their key goes there; null when there is nothing. */
export const plainWarning = ({ url }: Remote): string | null =>
  url.protocol === "https:" || isLoopback(url.hostname) ? null : `${url.origin} is not encrypted: the key and the answers can be read on the way.`;

export type Ask = { method?: "GET" | "POST" | "DELETE"; query?: URLSearchParams; body?: unknown; headers?: Record<string, string> };

/** Questions to one server; all stop when `signal` aborts. */
export class RemoteClient {
  readonly #remote: Remote;
  readonly #signal: AbortSignal;
  readonly name: string;

  constructor(remote: Remote, signal: AbortSignal) {
    this.#remote = remote;
    this.#signal = signal;
    this.name = remote.url.origin;
  }

  /**
   * Asks, and reads the answer as `schema` says it is.
   *
   * @param path below `/api/v1/`, its parts encoded
   * @throws AppError as the server says it; UNAVAILABLE when it does not answer, or not as a Penstock does
   */
  async ask<S extends z.ZodType>(schema: S, path: string, ask: Ask = {}): Promise<z.output<S>> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.#fetch(path, ask, AbortSignal.any([this.#signal, timeout]));
    const text = await this.#guard(() => response.text());
    const json = readJson(text);
    if (!response.ok) throw this.#refusalOf(response, json);
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new AppError("MISMATCH", `${this.name} answers otherwise than this version of Penstock expects${issue?.path.length ? ` (${issue.path.join(".")}: ${issue.message})` : ""}. Does PENSTOCK_URL name a Penstock, and is it of the version ${VERSION}?`);
  }

  /** The bytes of a long answer as they come. @throws as `ask`, also in the middle, when the answer breaks off */
  async *stream(path: string, query: URLSearchParams): AsyncGenerator<Uint8Array> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new DOMException("no answer", "TimeoutError")), TIMEOUT_MS);
    const response = await this.#fetch(path, { query }, AbortSignal.any([this.#signal, late.signal])).finally(() => clearTimeout(timer));
    if (!response.ok) throw this.#refusalOf(response, readJson(await this.#guard(() => response.text())));
    const reader = response.body?.getReader();
    if (!reader) return;
    try {
      for (;;) {
        const { done, value } = await this.#guard(() => reader.read());
        if (done) return;
        yield value;
      }
    } finally {
      await reader.cancel().catch(() => {});
    }
  }

  #fetch(path: string, { method = "GET", query, body, headers }: Ask, signal: AbortSignal): Promise<Response> {
    const url = new URL(`api/v1/${path}`, this.#remote.url);
    if (query) url.search = query.toString();
    return this.#guard(() =>
      fetch(url, {
        method,
        headers: { Authorization: `Bearer ${this.#remote.key}`, Accept: "application/json", "User-Agent": `penstock-cli/${VERSION}`, ...(body !== undefined && { "Content-Type": "application/json" }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // The key is for this address; wherever else it points is for the person to say.
        redirect: "manual",
        signal,
      }),
    );
  }

  /** What the network throws, told as a refusal; Ctrl-C stays what it is. */
  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#signal.throwIfAborted();
      const why = error instanceof DOMException && error.name === "TimeoutError" ? `nothing for ${TIMEOUT_MS / 1_000} s` : messageOf(error instanceof Error && error.cause ? error.cause : error);
      throw new AppError("UNAVAILABLE", `${this.name} does not answer (${why || "no connection"}). Is it running, and is PENSTOCK_URL right?`, { cause: error, details: { away: true } });
    }
  }

  #refusalOf(response: Response, json: unknown): AppError {
    const { status } = response;
    if (status >= 300 && status < 400) return new AppError("INVALID", `${this.name} points elsewhere: ${response.headers.get("location") ?? "nowhere"}. Set PENSTOCK_URL to the address that answers itself.`);
    if (status === 401) return new AppError("UNAUTHENTICATED", `PENSTOCK_API_KEY opens nothing at ${this.name}: it is wrong, has expired, or was revoked. There, ./penstock keys create or the page /settings/keys makes another.`);
    const parsed = Problem.safeParse(json);
    const { detail, code, errors = [], type: _, title: __, status: ___, ...details } = parsed.success ? parsed.data : {};
    const away = status === 502 || status === 503 || status === 504;
    return new AppError(codeOf(code, status), detail ?? `${this.name} answers ${status} ${response.statusText}`.trim(), { faults: errors, details: { ...details, ...(away && { away }) } });
  }
}

/** RFC 9457, with our own members; what it says besides is facts for programs. */
const Problem = z.looseObject({
  detail: z.string().optional(),
  code: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() }) satisfies z.ZodType<Fault>).optional(),
});

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

/** The code that the server says; what it does not say follows from the status. */
function codeOf(said: string | undefined, status: number): ErrorCode {
  return CODES.find((code) => code === said) ?? CODES.find((code) => ERROR_CODES[code].status === status) ?? (status >= 500 || status === 429 ? "UNAVAILABLE" : "INVALID");
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
