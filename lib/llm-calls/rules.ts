/** What is kept of a text that was said to or by a model: pure. */
import { storable } from "#lib/db/storable";
import { maskJsonText } from "#lib/format/mask";
import { hideShapes, redact } from "#lib/secrets";

/** The text as it is stored: storable, and without secrets, whether known by value, by their shape, or by the name before them. */
export function maskText(text: string, secrets: readonly string[]): string {
  return maskJsonText(hideShapes(redact(storable(text), secrets)));
}
