"use client";
import { Pause, Pencil, Play, Trash2 } from "lucide-react";
import Link from "next/link";
import { useState, useTransition } from "react";
import { Refusal } from "#components/pipelines/refusal";
import { Button, buttonClass } from "#components/ui/button";
import type { ScheduleRow } from "#lib/schedules/queries";
import type { ActionError } from "#lib/web/action";
import { pauseScheduleAction, resumeScheduleAction, runScheduleAction } from "../actions";
import { DeleteSchedule } from "./delete-schedule";

/** What can be done with a schedule, and what became of it. */
export function ScheduleActions({ schedule, withEdit = true }: { schedule: Pick<ScheduleRow, "id" | "name" | "paused">; withEdit?: boolean }) {
  const { id, name, paused } = schedule;
  const [error, setError] = useState<ActionError | null>(null);
  const [started, setStarted] = useState<number[]>([]);
  const [isPending, startTransition] = useTransition();

  function runNow() {
    startTransition(async () => {
      const result = await runScheduleAction({ id });
      setError(result.ok ? null : result.error);
      setStarted(result.ok ? result.value.runIds : []);
    });
  }

  function turn() {
    startTransition(async () => {
      const result = await (paused ? resumeScheduleAction : pauseScheduleAction)({ id });
      setError(result.ok ? null : result.error);
    });
  }

  return (
    <div className="flex min-w-0 flex-col gap-1.5 sm:max-xl:col-span-2 xl:items-end">
      <div className="flex flex-wrap gap-2">
        <Button size="sm" disabled={isPending} onClick={runNow} aria-label={`Run now: ${name}`}>
          <Play aria-hidden className="size-3.5" /> Run now
        </Button>
        <Button size="sm" disabled={isPending} onClick={turn} aria-label={`${paused ? "Resume" : "Pause"} ${name}`}>
          {paused ? <Play aria-hidden className="size-3.5" /> : <Pause aria-hidden className="size-3.5" />} {paused ? "Resume" : "Pause"}
        </Button>
        {withEdit && (
          <Link href={`/schedules/${id}#change`} aria-label={`Edit ${name}`} className={buttonClass("plain", "sm")}>
            <Pencil aria-hidden className="size-3.5" /> Edit
          </Link>
        )}
        <DeleteSchedule schedule={schedule}>
          <Trash2 aria-hidden className="size-3.5" /> Delete
        </DeleteSchedule>
      </div>
      {error && <Refusal error={error} />}
      <p role="status" className="text-sm text-ink-soft empty:hidden">
        {started[0] !== undefined && (
          <>
            {started.length === 1 ? "Run " : `${started.length} runs accepted, from `}
            <Link href={`/runs/${started[0]}`} className="underline">
              #{started[0]}
            </Link>
            {started.length === 1 ? " accepted." : " on."}
          </>
        )}
      </p>
    </div>
  );
}
