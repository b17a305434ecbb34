/** What is kept of a text that was said to or by a model: pure. */
import { storable } from "#lib/db/storable";
import { maskJsonText } from "#lib/format/mask";
import { redact, secretsOf } from "#lib/log";

const HIDDEN = "[redacted]";

/** Before a secret no word goes on; in JSON text a line break is written as `\n`, whose n belongs to no word. */
const START = String.raw`(?:(?<![A-Za-z0-9_])|(?<=\\[nrt]))`;
const shape = (source: string, flags = "g"): RegExp => new RegExp(`${START}${source}`, flags);

/** Secrets that no variable of ours holds, known by their shape; the first group, where there is one, is kept. */
const SHAPES: RegExp[] = [
  shape(String.raw`(bearer\s+)[A-Za-z0-9._~+/=-]{12,}`, "gi"),
  shape(String.raw`eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`),
  shape(String.raw`(?:sk|pk|rk|whsec|ghp|gho|ghs|glpat|xox[abprs])[-_][A-Za-z0-9_-]{12,}`),
  shape(String.raw`github_pat_[A-Za-z0-9_]{20,}`),
  shape(String.raw`AKIA[A-Z0-9]{16}`),
  shape(String.raw`AIza[A-Za-z0-9_-]{30,}`),
  shape(String.raw`([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:@/]{0,200}:)[^\s@/]{1,200}(?=@)`, "gi"),
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  shape(String.raw`((?:password|passwd|api[_-]?key|secret|access[_-]?token)\\?["']?\s*[=:]\s*\\?["']?)[^\s"',;&\\]{6,}`, "gi"),
];

/** The known secrets of this process, each as it is, and as base64 and addresses carry it; the longest first. */
export function secretForms(env: Record<string, string | undefined>): string[] {
  const forms = secretsOf(env).flatMap((secret) => {
    const base64 = Buffer.from(secret).toString("base64");
    return [secret, base64, base64.replace(/=+$/, ""), Buffer.from(secret).toString("base64url"), encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  });
  return [...new Set(forms)].toSorted((a, b) => b.length - a.length);
}

/** The text as it is stored: storable, and without secrets, whether known by value, by their shape, or by the name before them. */
export function maskText(text: string, secrets: readonly string[]): string {
  const known = redact(storable(text), secrets);
  return maskJsonText(SHAPES.reduce((clean, pattern) => clean.replace(pattern, (_, kept) => `${typeof kept === "string" ? kept : ""}${HIDDEN}`), known));
}
