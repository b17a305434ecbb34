/** PostgreSQL text holds neither NUL nor half a surrogate pair; both are made visible, so that a strange message is kept instead of refused. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\u2400");
}
