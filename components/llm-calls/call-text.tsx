"use client";
import { useState } from "react";
import { Button } from "#components/ui/button";
import { CopyButton } from "#components/ui/copy-button";

/** Characters shown before one asks for more: a browser lays out a megabyte in seconds. */
const SHOWN_CHARS = 20_000;

/** What was said to or by a model: text as it is, never read as anything else. */
export function CallText({ label, text, none }: { label: string; text: string | null; /** Why there is none. */ none: string }) {
  const [isWhole, setWhole] = useState(false);
  if (text === null || text === "") return <p className="text-sm text-ink-soft"><span className="text-xs font-semibold">{label}</span> · {text === "" ? "empty." : none}</p>;
  const isCut = text.length > SHOWN_CHARS && !isWhole;
  return (
    <section aria-label={label} className="min-w-0">
      <h3 className="flex items-center gap-1 text-xs font-semibold">
        {label} <span className="font-normal text-ink-soft">{text.length.toLocaleString("en").replaceAll(",", "\u2009")} characters</span>
        <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} />
      </h3>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-112 overflow-auto rounded-md border bg-sunken p-3 font-mono text-xs leading-5 [overflow-wrap:anywhere] whitespace-pre-wrap"
      >
        {isCut ? text.slice(0, SHOWN_CHARS) : text}
      </pre>
      {isCut && <Button size="sm" onClick={() => setWhole(true)} className="mt-1">Show all of it</Button>}
    </section>
  );
}
