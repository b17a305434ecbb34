"use client";
import { FastForward, ListEnd } from "lucide-react";
import Link from "next/link";
import { useState, useTransition } from "react";
import { Button } from "#components/ui/button";
import type { ActionError } from "#lib/web/action";
import { triggerAllAction } from "../actions";
import { Refusal } from "#components/pipelines/refusal";

/** Starts every stage of a pipeline that takes part in Run all, each after those it needs. */
export function RunAllButton({ pipeline, manual }: { pipeline: string; manual: string[] }) {
  const [error, setError] = useState<ActionError | null>(null);
  const [started, setStarted] = useState<number[]>([]);
  const [isPending, startTransition] = useTransition();

  function runAll(onBusy?: "queue") {
    startTransition(async () => {
      const result = await triggerAllAction({ pipeline, ...(onBusy && { onBusy }) });
      setError(result.ok ? null : result.error);
      setStarted(result.ok ? result.value.runIds : []);
    });
  }

  return (
    <div className="flex max-w-full flex-wrap items-center gap-x-3 gap-y-2 sm:flex-row-reverse">
      <Button look="primary" disabled={isPending} onClick={() => runAll()} title={manual.length > 0 ? `All but ${manual.join(", ")}, which you start yourself` : undefined}>
        <FastForward aria-hidden className="size-4" /> Run all of {pipeline}
      </Button>
      {error && <Refusal error={error} />}
      {error?.code === "CONFLICT" && (
        <Button size="sm" disabled={isPending} onClick={() => runAll("queue")}>
          <ListEnd aria-hidden className="size-3.5" /> Stand in line
        </Button>
      )}
      <p role="status" className="text-sm text-ink-soft empty:hidden">
        {started[0] !== undefined && (
          <>
            {started.length} runs accepted, from{" "}
            <Link href={`/runs/${started[0]}`} className="underline">
              #{started[0]}
            </Link>{" "}
            on.
          </>
        )}
      </p>
    </div>
  );
}
