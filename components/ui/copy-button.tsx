"use client";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { classNames } from "#components/ui/class-names";

/** Copies `text`; says so for two seconds. Without clipboard access (plain http on a network) it says that instead. */
export function CopyButton({ text, label, className }: { text: string; label: string; className?: string }) {
  const [said, setSaid] = useState<"copied" | "refused" | null>(null);
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(null), 2_000);
    return () => clearTimeout(timer);
  }, [said]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("copied");
    } catch {
      setSaid("refused");
    }
  }

  return (
    <button
      type="button"
      onClick={copy}
      aria-label={label}
      title={label}
      className={classNames("inline-flex size-6 shrink-0 items-center justify-center rounded-md text-ink-soft hover:bg-hover hover:text-ink", className)}
    >
      {said === "copied" ? <Check aria-hidden className="size-3.5" /> : <Copy aria-hidden className="size-3.5" />}
      <span role="status" className="sr-only">
        {said === "copied" && "Copied"}
        {said === "refused" && "The browser did not allow copying. Select the text and copy it by hand."}
      </span>
    </button>
  );
}
