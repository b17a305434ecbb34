/** The limits of annotations, for whoever draws a form: without the schemas, which a browser need not load. */

/** In characters, as PostgreSQL counts. */
export const MAX_KEY_LENGTH = 255;
export const MAX_VALUE_LENGTH = 10_000;
export const MAX_PER_RUN = 100;
