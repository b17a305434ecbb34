/**
 * What the receiving server found about SPF, DKIM and DMARC. Sources in order: the topmost Authentication-Results
 * (RFC 8601) with those of the same server below it, the newest ARC-Authentication-Results (RFC 8617), Received-SPF
 * (RFC 7208), and for DKIM the bare signature. Lower fields of other servers are not trusted: the sender may have written them.
 */
import type { Headers } from "./headers.ts";

export type AuthResults = {
  /** pass, fail, softfail, neutral, none, policy, temperror, permerror; "unknown" when nobody says. */
  spf: string;
  /** As `spf`; also "unverified": signed, and nobody says whether the signature holds. "none": not signed. */
  dkim: string;
  dmarc: string;
  /** Who signed: the domain of the signature that passed, an aligned one first. */
  dkimDomain: string | null;
};

type Result = { method: string; result: string; domain: string | null };

const RESULTS = new Set(["pass", "fail", "softfail", "neutral", "none", "policy", "temperror", "permerror", "bestguesspass"]);
const MAX_RESULTS = 100;

export function readAuth(headers: Headers, senderDomain: string): AuthResults {
  const results = trustedResults(headers);
  const of = (method: string) => results.find((found) => found.method === method)?.result;
  const passed = results.filter(({ method, result }) => method === "dkim" && result === "pass");
  const isAligned = (domain: string | null) => domain !== null && (domain === senderDomain || domain.endsWith(`.${senderDomain}`));
  const signature = passed.find(({ domain }) => isAligned(domain)) ?? passed.find(({ domain }) => domain) ?? passed[0];
  const signers = readSigners(headers);
  const dkim = signature ? "pass" : of("dkim");
  return {
    spf: of("spf") ?? receivedSpf(headers) ?? "unknown",
    dkim: dkim ?? (signers.length > 0 ? "unverified" : "none"),
    dmarc: of("dmarc") ?? "unknown",
    dkimDomain: signature?.domain ?? signers.find(isAligned) ?? signers[0] ?? null,
  };
}

/** The d= of every DKIM-Signature, topmost first, lower case. */
export function readSigners(headers: Headers): string[] {
  return headers.getAll("dkim-signature").slice(0, 20).flatMap((field) => {
    const domain = /(?:^|;)\s*d\s*=\s*([^;\s]{1,255})/i.exec(field)?.[1];
    return domain ? [domain.toLowerCase().replace(/\.$/, "")] : [];
  });
}

function trustedResults(headers: Headers): Result[] {
  const [top, ...below] = headers.getAll("authentication-results").slice(0, 20).map(parseField);
  const own = top ? [top, ...below.filter(({ server }) => server !== "" && server === top.server)].flatMap(({ results }) => results) : [];
  const arc = headers.getAll("arc-authentication-results").slice(0, 50)
    .map((field) => ({ instance: Number(/^\s*i\s*=\s*(\d{1,3})/i.exec(field)?.[1] ?? 0), ...parseField(field.replace(/^\s*i\s*=\s*\d{1,3}\s*;/i, "")) }))
    .sort((a, b) => b.instance - a.instance)[0];
  const known = new Set(own.map(({ method }) => method));
  return [...own, ...(arc?.results ?? []).filter(({ method }) => !known.has(method))].slice(0, MAX_RESULTS);
}

function parseField(field: string): { server: string; results: Result[] } {
  const segments = splitField(field);
  const server = /^\s*([^\s;=]+)\s*(?:\d+\s*)?$/.exec(segments[0] ?? "")?.[1]?.toLowerCase() ?? "";
  const results = segments.flatMap((segment): Result[] => {
    const found = /^\s*(spf|dkim|dmarc)(?:\/\d+)?\s*=\s*([a-z]+)/i.exec(segment);
    const result = found?.[2]?.toLowerCase() ?? "";
    if (!found || !RESULTS.has(result)) return [];
    const domain = /\sheader\.d\s*=\s*@?([^\s;]{1,255})/i.exec(segment)?.[1] ?? /\sheader\.i\s*=\s*[^\s;@]{0,255}@([^\s;]{1,255})/i.exec(segment)?.[1];
    return [{ method: (found[1] ?? "").toLowerCase(), result: result === "bestguesspass" ? "neutral" : result, domain: domain?.toLowerCase().replace(/\.$/, "") ?? null }];
  });
  return { server, results };
}

/** Cuts at semicolons outside quotes, and leaves comments (which nest) out. */
function splitField(field: string): string[] {
  const segments: string[] = [];
  let segment = "";
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < field.length && segments.length < MAX_RESULTS; index += 1) {
    const char = field[index] ?? "";
    if (char === "\\" && (quoted || depth > 0)) index += 1;
    else if (quoted) quoted = char !== '"';
    else if (char === '"' && depth === 0) quoted = true;
    else if (char === "(") depth += 1;
    else if (char === ")" && depth > 0) depth -= 1;
    else if (depth > 0) continue;
    else if (char === ";") {
      segments.push(segment);
      segment = "";
    } else segment += char;
  }
  return [...segments, segment];
}

function receivedSpf(headers: Headers): string | undefined {
  const result = /^\s*([a-z]+)/i.exec(headers.get("received-spf") ?? "")?.[1]?.toLowerCase();
  return result && RESULTS.has(result) ? result : undefined;
}
