/** Where a page of a keyset list begins. Pure, isomorphic, no nouns. */

/** Bumped when the content changes its meaning; older cursors are then refused as broken. */
export const CURSOR_VERSION = 1;
/** Longer ones were not made here. */
export const CURSOR_MAX_LENGTH = 600;

/** The sort value and id of the row at the edge, which side of it the page lies on, and the list it belongs to. */
export type Cursor = { side: "after" | "before"; value: string | number; id: number; listHash: string };

/** Opaque to everyone else: base64url of JSON. */
export function printCursor({ side, value, id, listHash }: Cursor): string {
  const bytes = new TextEncoder().encode(JSON.stringify([CURSOR_VERSION, side, value, id, listHash]));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * A short fingerprint of what makes two lists the same list (filter and order). It finds mistakes, not attackers.
 * Source: FNV-1a, 32 bit, G. Fowler, L. C. Noll, K.-P. Vo.
 */
export function hashList(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(36);
}
