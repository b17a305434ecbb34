/** What an annotation may be: pure, isomorphic. */
import { z } from "zod";
import { MAX_KEY_LENGTH, MAX_VALUE_LENGTH } from "#lib/annotations/fields";
import { SYSTEM_PREFIX } from "#lib/filters/fields";

const text = (name: string, most: number) =>
  z
    .string({ error: `The ${name} must be a text.` })
    // Counted as PostgreSQL counts: an emoji is one character, not two.
    .refine((value) => value.length <= most || (value.length <= 2 * most && [...value].length <= most), { error: `The ${name} is longer than ${most} characters.` })
    .refine((value) => !value.includes("\0"), { error: `The ${name} must not hold NUL characters.` })
    .refine((value) => value.isWellFormed(), { error: `The ${name} holds half of a surrogate pair, which is no character.` });

export const AnnotationKey = text("key", MAX_KEY_LENGTH)
  .refine((key) => key.trim() !== "", { error: "The key must not be empty." })
  .refine((key) => !key.startsWith(SYSTEM_PREFIX), { error: `Keys that start with ${SYSTEM_PREFIX} belong to Penstock and cannot be set or removed. Choose another key.` });
export const AnnotationValue = text("value", MAX_VALUE_LENGTH);
