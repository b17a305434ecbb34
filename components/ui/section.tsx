import type { ReactNode } from "react";

/** A part of a page under a heading, set off by a hairline. */
export function Section({ title, note, actions, children }: { title: string; note?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title} className="border-t">
      <div className="flex flex-wrap items-center justify-between gap-2 px-4 pt-4 pb-2 sm:px-6">
        <h2 className="text-base font-semibold">
          {title}
          {note && <span className="ml-2 font-normal text-ink-soft">{note}</span>}
        </h2>
        {actions}
      </div>
      {children}
    </section>
  );
}
