import { formatRelative } from "#lib/format/time";
import type { PersonRow } from "#lib/people/queries";
import type { Io } from "./command.ts";
import type { Listing } from "./output.ts";
import { paint } from "./style.ts";

/** How people are printed, here and after each change. */
export const peopleListing = (io: Io): Listing<PersonRow> => ({
  id: ({ email }) => email,
  empty: "Nobody can sign in yet. ./penstock users setup-link prints a link that makes the first admin.",
  columns: [
    { header: "E-mail", print: ({ email }) => email },
    { header: "Name", print: ({ name }) => name },
    { header: "Role", print: ({ role }) => role },
    { header: "State", print: ({ disabledAt, hasJoined }) => (disabledAt ? paint(io, "red", "disabled") : hasJoined ? paint(io, "green", "active") : paint(io, "grey", "invited")) },
    { header: "Two steps", print: ({ twoFactorEnabled }) => (twoFactorEnabled ? "yes" : "no") },
    { header: "Signed in", print: ({ lastSignInAt }) => (lastSignInAt ? formatRelative(lastSignInAt, io.now()) : "never") },
  ],
});
