"use client";
import { ArrowDown } from "lucide-react";
import { Button } from "#components/ui/button";

/** Opens the first step that failed, with its input, in the trace below. */
export function FailedStepLink({ seq, stepName }: { seq: number; stepName: string }) {
  function open() {
    const params = new URLSearchParams(window.location.search);
    params.delete("unit");
    params.set("step", String(seq));
    window.history.replaceState(null, "", `?${params}`);
    document.getElementById("trace")?.scrollIntoView({ block: "start" });
  }
  return (
    <p className="flex flex-wrap items-center gap-x-2 text-sm">
      <span className="text-ink-soft">Failed in step</span>
      <span className="min-w-0 font-medium [overflow-wrap:anywhere]"><bdi>{stepName}</bdi></span>
      <Button size="sm" onClick={open}>
        <ArrowDown aria-hidden className="size-3.5" /> Show step {seq}
      </Button>
    </p>
  );
}
