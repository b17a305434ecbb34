import "server-only";
import { hash, verify } from "@node-rs/argon2";
import { AppError } from "#lib/errors";
import { isCommonPassword } from "./common-passwords.ts";

/** OWASP's minimum for Argon2id: 19 MiB, two passes, one lane. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** In characters. Long enough to need no rules on which ones; short enough that hashing costs the same for all. */
export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 128;

export const hashPassword = (password: string): Promise<string> => hash(password, ARGON2);

/** False for what is no hash of ours, too. */
export const verifyPassword = (hashed: string, password: string): Promise<boolean> => verify(hashed, password).catch(() => false);

/** What people choose when they must have twelve characters, and put other words around: the first thing that is tried. */
const COMMON = [
  "password", "passwort", "passw0rd", "p@ssword", "p@ssw0rd", "letmein", "welcome", "iloveyou", "qwerty", "qwertz", "azerty", "asdfgh", "zxcvbn", "abc123",
  "admin", "administrator", "changeme", "secret", "monkey", "dragon", "sunshine", "princess", "football", "baseball", "superman", "batman", "master", "trustno1",
  "default", "penstock", "hello", "login", "root", "test", "guest", "user", "qwertyuiop", "asdfghjkl", "1q2w3e4r", "1qaz2wsx", "correcthorsebatterystaple",
];

/**
 * Why a password cannot be taken, or null, as far as it can be told without the list of common ones. Length, the commonest ones (also said twice, or with digits and signs around them), rows of
 * keys, and one's own name: no rules on which characters.
 */
export function passwordFault(password: string, about: { email?: string; name?: string } = {}): string | null {
  const length = [...password].length;
  if (length < MIN_PASSWORD) return `must have at least ${MIN_PASSWORD} characters`;
  if (length > MAX_PASSWORD) return `must have at most ${MAX_PASSWORD} characters`;
  const bare = password.toLowerCase().replace(/[^\p{L}\p{N}@]/gu, "");
  if (new Set(bare).size < 5) return "is too easy to guess: it repeats the same few characters";
  const stem = bare.replace(/^[\d@]+|[\d@]+$/g, "");
  if (COMMON.some((word) => bare === word || stem === word || (word.length > 4 && bare.replaceAll(word, "").length < 5 && bare.includes(word)))) return "is one of the commonest passwords";
  if (isRow(bare)) return "is too easy to guess: its characters follow each other on the keyboard or in the alphabet";
  const own = [about.email?.split("@")[0], about.email?.split("@")[1]?.split(".")[0], ...(about.name?.split(/\s+/) ?? [])].map((part) => part?.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "") ?? "");
  if (own.some((part) => part.length > 3 && bare.includes(part) && bare.replaceAll(part, "").length < 8)) return "is too close to the name or the e-mail address";
  return null;
}

const ROWS = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik"].flatMap((row) => [row, [...row].toReversed().join("")]);

/** Whether nearly every character is followed by its neighbour in one of the rows. */
function isRow(text: string): boolean {
  const pairs = text.length - 1;
  return ROWS.some((row) => Array.from({ length: pairs }, (_, at) => text.slice(at, at + 2)).filter((pair) => row.includes(pair)).length > pairs * 0.8);
}

/** @throws AppError INVALID that names the field */
export async function requireGoodPassword(password: string, about: { email?: string; name?: string }): Promise<void> {
  const fault = passwordFault(password, about) ?? ((await isCommonPassword(password)) ? "is one of the commonest passwords, or nearly" : null);
  if (fault) throw new AppError("INVALID", `The password ${fault}. A few unrelated words make a good one.`, { faults: [{ path: "password", message: fault }] });
}
