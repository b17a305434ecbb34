/** PostgreSQL text holds neither NUL nor half a surrogate pair; both are made visible, so that a strange message is kept instead of refused. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\u2400");
}

/** Whether PostgreSQL can hold a text as it is: for what people and programs give, which is refused rather than altered. */
export const isStorable = (text: string): boolean => !text.includes("\0") && text.isWellFormed();
export const NOT_STORABLE = { error: "must not hold NUL or half a character" };
