"use client";
import { useMemo } from "react";
import type { Json } from "#lib/engine/define";
import { diffJson, type JsonChange } from "#lib/format/json-diff";
import { printJson } from "#lib/format/json";
import { readJson } from "#lib/format/json-tree";

/** Changes drawn; what differs in more places is another thing altogether. */
const SHOWN_MAX = 200;
/** Characters of a value in a row. */
const VALUE_MAX = 300;

/** What differs between two recorded JSON texts, by path. `beforeName` and `afterName` head the columns. */
export function JsonDiffView({ label, before, after, beforeName, afterName }: { label: string; before: string | null; after: string | null; beforeName: string; afterName: string }) {
  const changes = useMemo(() => changesOf(before, after), [before, after]);
  if (typeof changes === "string") return <p className="text-sm text-ink-soft">{changes}</p>;
  if (changes.length === 0) return <p className="text-sm text-ink-soft">{label} is the same.</p>;
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={`Differences in ${label.toLowerCase()}`}
      className="max-h-96 overflow-auto rounded-md border"
    >
      <table className="w-full table-fixed text-left text-xs">
        <thead className="bg-sunken text-ink-soft">
          <tr>
            <th scope="col" className="w-1/4 px-2 py-1 font-semibold">{label}</th>
            <th scope="col" className="px-2 py-1 font-semibold">{beforeName}</th>
            <th scope="col" className="px-2 py-1 font-semibold">{afterName}</th>
          </tr>
        </thead>
        <tbody className="font-mono">
          {changes.slice(0, SHOWN_MAX).map((change) => (
            <tr key={change.path} className="border-t align-top">
              <th scope="row" className="px-2 py-1 font-normal break-all text-ink-soft">{change.path}</th>
              <td className="px-2 py-1 [overflow-wrap:anywhere]"><Side value={change.before} word="removed" sign="−" className="text-failed" /></td>
              <td className="px-2 py-1 [overflow-wrap:anywhere]"><Side value={change.after} word="added" sign="+" className="text-completed" /></td>
            </tr>
          ))}
        </tbody>
      </table>
      {changes.length > SHOWN_MAX && <p className="border-t px-2 py-1 text-xs text-ink-soft">The first {SHOWN_MAX} of {changes.length} differences.</p>}
    </section>
  );
}

function Side({ value, word, sign, className }: { value: Json | undefined; word: string; sign: string; className: string }) {
  if (value === undefined) return <span className="font-sans text-ink-soft">not there</span>;
  const text = printJson(value);
  return (
    <bdi className={className}>
      <span aria-hidden>{sign} </span>
      <span className="sr-only">{word} </span>
      {text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX)}…` : text}
    </bdi>
  );
}

/** The changes, or why there can be none. */
function changesOf(before: string | null, after: string | null): JsonChange[] | string {
  if (before === null || after === null) return before === after ? "Neither recorded any." : before === null ? "There was none before." : "There is none any more.";
  const [left, right] = [readJson(before), readJson(after)];
  if ("fault" in left || "fault" in right) return before === after ? [] : "One of them is no valid JSON, so they cannot be compared field by field. They are not the same.";
  return diffJson(left.value, right.value);
}
