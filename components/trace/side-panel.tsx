"use client";
import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "#components/ui/button";

/** What was chosen in the trace, beside it; below it on a narrow screen, where it comes into sight by itself. */
export function SidePanel({ title, label, onClose, children }: { title: string; label: string; onClose: () => void; children: ReactNode }) {
  const panel = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: for each thing that is chosen anew
  useEffect(() => {
    const box = panel.current?.getBoundingClientRect();
    if (box && box.top > window.innerHeight - 120) panel.current?.scrollIntoView({ block: "start" });
  }, [label]);

  return (
    <aside ref={panel} aria-label={label} className="min-w-0 scroll-mt-16 border-line max-lg:border-b lg:max-h-[calc(70dvh)] lg:w-[min(30rem,42%)] lg:shrink-0 lg:overflow-y-auto lg:border-y lg:border-l">
      <div className="sticky top-0 z-10 flex items-start justify-between gap-2 border-b bg-ground px-4 py-2 max-lg:static">
        <h3 className="min-w-0 font-semibold [overflow-wrap:anywhere]">
          <bdi>{title}</bdi>
        </h3>
        <Button look="quiet" size="icon" className="-my-1" aria-label={`Close ${label.toLowerCase()}`} title="Close" onClick={onClose}>
          <X aria-hidden className="size-4" />
        </Button>
      </div>
      <div className="flex flex-col gap-3 px-4 py-3">{children}</div>
    </aside>
  );
}
