import { formatRelative, formatTime } from "#lib/format/time";
import type { KeyState } from "#lib/keys/fields";
import type { KeyRow } from "#lib/keys/queries";
import type { Io } from "./command.ts";
import type { Listing } from "./output.ts";
import { type Colour, paint } from "./style.ts";

const MARKS: Record<KeyState, [Colour, string]> = { live: ["green", "● live"], expired: ["grey", "○ expired"], revoked: ["grey", "■ revoked"] };

/** How keys are printed: what they are called and may, never what they open. */
export const keyListing = (io: Io, empty: string): Listing<KeyRow> => ({
  id: ({ id }) => id,
  empty,
  columns: [
    { header: "Id", print: ({ id }) => id },
    { header: "Name", print: ({ name }) => name },
    { header: "State", print: ({ state }) => paint(io, ...MARKS[state]) },
    { header: "Owner", print: ({ owner }) => owner ?? "–" },
    { header: "Role", print: ({ role }) => role },
    { header: "Only", print: ({ permissions }) => permissions?.join(", ") ?? "–" },
    { header: "Last used", print: ({ lastUsedAt }) => (lastUsedAt ? formatRelative(lastUsedAt, io.now()) : "never") },
    { header: "Ends", print: ({ expiresAt }) => formatTime(expiresAt).slice(0, 10) },
    { header: "Made by", print: ({ createdBy }) => createdBy },
  ],
});
