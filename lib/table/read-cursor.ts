/** A cursor that came from outside. Apart from `cursor.ts`, since browsers only print them. */
import * as z from "zod/mini";
import { CURSOR_MAX_LENGTH, CURSOR_VERSION, type Cursor } from "./cursor.ts";

const Content = z.tuple([
  z.literal(CURSOR_VERSION),
  z.enum(["after", "before"]),
  z.union([z.string().check(z.maxLength(200)), z.number()]),
  z.int().check(z.minimum(0)),
  z.string().check(z.maxLength(20)),
]);

/** The cursor, or null when it is broken, from another version, or from a list other than `listHash`. */
export function parseCursor(text: string, listHash: string): Cursor | null {
  if (text.length > CURSOR_MAX_LENGTH || !/^[A-Za-z0-9_-]+$/.test(text)) return null;
  const parsed = Content.safeParse(decode(text));
  if (!parsed.success) return null;
  const [, side, value, id, hash] = parsed.data;
  return hash === listHash ? { side, value, id, listHash } : null;
}

function decode(text: string): unknown {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(binary, (char) => char.charCodeAt(0))));
  } catch {
    return null;
  }
}
