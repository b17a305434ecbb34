import { Hourglass } from "lucide-react";
import Link from "next/link";
import type { Waiting } from "#lib/waits/rules";

/** Why a run waits, with the runs in the way as links. */
export function WaitNote({ waiting, className }: { waiting: Waiting; className?: string }) {
  const known = new Set(waiting.runs.map(({ id }) => String(id)));
  return (
    <p className={`flex items-start gap-2 ${className ?? ""}`}>
      <Hourglass aria-hidden className="mt-1 size-4 shrink-0 text-ink-soft" />
      <span className="min-w-0 [overflow-wrap:anywhere]">
        {waiting.text.split(/#(\d+)/).map((part, index) =>
          index % 2 === 0 ? part : known.has(part) ? (
            <Link key={part} href={`/runs/${part}`} className="font-mono text-accent underline">
              #{part}
            </Link>
          ) : `#${part}`,
        )}
      </span>
    </p>
  );
}
