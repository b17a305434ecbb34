import type { AuditRow } from "#lib/audit/fields";
import { changesOf } from "#lib/audit/rules";

/** Changes that a row shows at once; the rest is beneath. */
const AT_ONCE = 2;
const VALUE_MAX = 300;
const cut = (text: string): string => (text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX)}…` : text);

/** What an act changed, and on demand all else that is known of it. */
export function EntryChanges({ row }: { row: AuditRow }) {
  const changes = changesOf(row.before, row.after);
  const facts: [string, string | null][] = [["User", row.userId], ["Key", row.keyId], ["Request", row.requestId], ["Browser", row.userAgent], ["Hash", row.hash ?? "waits to be sealed"]];
  return (
    <>
      {changes.slice(0, AT_ONCE).map((change) => <Change key={change.path} {...change} />)}
      <details className="text-xs">
        <summary className="min-h-6 w-fit cursor-pointer leading-6 text-ink-soft hover:text-ink">{changes.length > AT_ONCE ? `${changes.length - AT_ONCE} more, entry ${row.id}` : `Entry ${row.id}`}</summary>
        {changes.slice(AT_ONCE).map((change) => <Change key={change.path} {...change} />)}
        <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-3">
          {facts.flatMap(([name, value]) => (value === null ? [] : [<dt key={name} className="text-ink-soft">{name}</dt>, <dd key={`${name} is`} className="font-mono [overflow-wrap:anywhere]">{value}</dd>]))}
        </dl>
      </details>
    </>
  );
}

function Change({ path, before, after }: { path: string; before: string | null; after: string | null }) {
  return (
    <span className="block font-mono text-xs [overflow-wrap:anywhere]">
      <span className="text-ink-soft">{path}: </span>
      {before !== null && <del className="text-failed"><span className="sr-only">before </span><bdi>{cut(before)}</bdi></del>}
      {before !== null && after !== null && <span aria-hidden className="text-ink-soft"> → </span>}
      {after !== null && <ins className="text-completed no-underline"><span className="sr-only">{before !== null && ", "}after </span><bdi>{cut(after)}</bdi></ins>}
    </span>
  );
}
