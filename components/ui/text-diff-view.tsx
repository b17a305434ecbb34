"use client";
import { useMemo } from "react";
import { classNames } from "#components/ui/class-names";
import { diffLines, foldSame } from "#lib/format/text-diff";

const LOOKS = { same: "text-ink-soft", removed: "bg-failed-wash text-failed", added: "bg-sunken text-completed" } as const;
const SIGNS = { same: " ", removed: "−", added: "+" } as const;
const WORDS = { same: "", removed: "removed ", added: "added " } as const;

/** What differs between two texts, line by line; the older stands first. */
export function TextDiffView({ label, before, after }: { label: string; before: string | null; after: string | null }) {
  const parts = useMemo(() => foldSame(diffLines(before ?? "", after ?? "")), [before, after]);
  if (before === after) return <p className="text-sm text-ink-soft">{label} is the same.</p>;
  return (
    <section aria-label={`Differences in ${label.toLowerCase()}`} className="min-w-0">
      <h3 className="text-xs font-semibold">{label}</h3>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-112 overflow-auto rounded-md border bg-surface py-2 font-mono text-xs leading-5"
      >
        {parts.map((part, place) =>
          typeof part === "number" ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
            <span key={place} className="block px-3 text-ink-soft italic">… {part} {part === 1 ? "line" : "lines"} the same …</span>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
            <span key={place} className={classNames("block px-3 [overflow-wrap:anywhere] whitespace-pre-wrap", LOOKS[part.kind])}>
              <span aria-hidden>{SIGNS[part.kind]} </span><span className="sr-only">{WORDS[part.kind]}</span>{part.text}
            </span>
          ),
        )}
      </pre>
    </section>
  );
}
