"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useEffect, useState, useTransition } from "react";
import { editedParams, printed } from "#components/pipelines/edited-params";
import { ParamInput } from "#components/pipelines/param-input";
import { Refusal } from "#components/pipelines/refusal";
import { Button, buttonClass } from "#components/ui/button";
import { Field, Input, Select } from "#components/ui/field";
import type { Json } from "#lib/engine/define";
import { ownZone, zoneNames } from "#lib/format/time";
import { PRIORITY_WORDS, RUN_PRIORITIES, type RunPriority } from "#lib/runs/rules";
import { MISFIRE_WORDS, MISFIRES, OVERLAP_WORDS, OVERLAPS, type ScheduleMisfire, type ScheduleOverlap } from "#lib/schedules/fields";
import type { ScheduleRow } from "#lib/schedules/queries";
import type { ParamField } from "#lib/stages/queries";
import type { ActionError } from "#lib/web/action";
import { createScheduleAction, saveScheduleAction } from "../actions";
import { CronPreview } from "./cron-preview";

/** What can be scheduled: a stage, or with `stage` null all of a pipeline. */
export type Startable = { pipeline: string; stage: string | null; fields: ParamField[] };

const targetOf = ({ pipeline, stage }: { pipeline: string; stage: string | null }): string => `${pipeline}/${stage ?? ""}`;

const EXAMPLES = [
  ["Every 15 minutes", "*/15 * * * *"],
  ["Every hour", "@hourly"],
  ["Every day at 03:00", "0 3 * * *"],
  ["Weekdays at 06:30", "30 6 * * 1-5"],
  ["First of the month", "0 4 1 * *"],
] as const;

type FormProps = {
  schedule: ScheduleRow | null;
  startables: Startable[];
  /** What a new one begins with. */
  target?: string;
  /** Called with every change by hand, and when it has been saved. */
  onTouch?: () => void;
  onSaved?: () => void;
};

/** A schedule, new or as it is, with the slots that it would have. */
export function ScheduleForm({ schedule, startables, target: asked, onTouch, onSaved }: FormProps) {
  const router = useRouter();
  const [target, setTarget] = useState(schedule ? targetOf(schedule) : (asked ?? targetOf(startables[0] ?? { pipeline: "", stage: null })));
  const [cron, setCron] = useState(schedule?.cron ?? "0 3 * * *");
  const [zone, setZone] = useState(schedule?.zone ?? "UTC");
  const [misfire, setMisfire] = useState<ScheduleMisfire>(schedule?.misfire ?? "skip");
  const [overlap, setOverlap] = useState<ScheduleOverlap>(schedule?.overlap ?? "skip");
  const [zones, setZones] = useState<string[]>([]);
  const [error, setError] = useState<ActionError | null>(null);
  const [isPending, startTransition] = useTransition();
  const isNew = schedule === null;

  // Only the browser knows the reader's zone, and which zones it can show.
  useEffect(() => {
    setZones(zoneNames());
    if (isNew) setZone(ownZone());
  }, [isNew]);

  const chosen = startables.find((one) => targetOf(one) === target);
  const stored: Record<string, Json> = schedule && targetOf(schedule) === target ? schedule.params : {};
  const fields = (chosen?.fields ?? []).map((field) => ({ ...field, default: printed(stored[field.name] ?? field.default) }));

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [pipeline = "", stage = ""] = target.split("/");
    const input = { name: String(form.get("name")), pipeline, stage: stage || null, cron, zone, misfire, overlap, priority: form.get("priority") as RunPriority, paused: form.get("paused") !== null, params: paramsOf(form) };
    startTransition(async () => {
      const result = schedule ? await saveScheduleAction({ ...input, id: schedule.id, version: schedule.version }) : await createScheduleAction(input);
      setError(result.ok ? null : result.error);
      if (!result.ok) return;
      onSaved?.();
      router.push(`/schedules/${result.value.id}`);
    });
  }

  /** What stands at the stage's default is not said, so that it follows a default that changes. */
  function paramsOf(form: FormData): Record<string, Json> {
    const isSaid = ([name, value]: [string, Json]) => name in stored || String(value) !== String(chosen?.fields.find((field) => field.name === name)?.default);
    return Object.fromEntries(Object.entries(editedParams(stored, fields, form)).filter(isSaid));
  }

  const faultOf = (name: string) => error?.faults.find(({ path }) => path === name || path === `params.${name}`)?.message;
  const named = ["name", "pipeline", "stage", "cron", "zone", "overlap", ...fields.map(({ name }) => name)];
  const control = (id: string, fault?: string) => ({ id, "aria-describedby": `${id}-hint`, "aria-invalid": fault !== undefined || undefined });

  return (
    <form onSubmit={submit} onInput={onTouch} noValidate className="grid max-w-6xl gap-x-8 gap-y-4 px-4 pb-8 sm:px-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="grid content-start gap-x-4 gap-y-3 sm:grid-cols-2">
        <Field id="schedule-name" label="Name" hint="How people and the command line call it" fault={faultOf("name")}>
          <Input {...control("schedule-name", faultOf("name"))} name="name" defaultValue={schedule?.name} maxLength={80} autoComplete="off" />
        </Field>
        <Field id="schedule-target" label="What it runs" hint="A stage, or every stage of a pipeline in order" fault={faultOf("pipeline") ?? faultOf("stage")}>
          <Select {...control("schedule-target", faultOf("pipeline"))} value={target} onChange={(event) => setTarget(event.target.value)}>
            {!chosen && <option value={target}>{target}</option>}
            {[...new Set(startables.map(({ pipeline }) => pipeline))].map((pipeline) => (
              <optgroup key={pipeline} label={pipeline}>
                {startables.filter((one) => one.pipeline === pipeline).map((one) => (
                  <option key={targetOf(one)} value={targetOf(one)}>{one.stage ?? `All of ${pipeline}`}</option>
                ))}
              </optgroup>
            ))}
          </Select>
        </Field>
        <Field id="schedule-cron" label="When" hint="Minute, hour, day, month, weekday; with six fields, seconds first" fault={faultOf("cron")}>
          <Input {...control("schedule-cron", faultOf("cron"))} value={cron} onChange={(event) => setCron(event.target.value)} maxLength={200} spellCheck={false} autoComplete="off" className="font-mono" />
        </Field>
        <Field id="schedule-zone" label="Time zone" hint="Whose clock it follows, summer time included" fault={faultOf("zone")}>
          <Input {...control("schedule-zone", faultOf("zone"))} value={zone} onChange={(event) => setZone(event.target.value)} maxLength={64} spellCheck={false} autoComplete="off" list="schedule-zones" />
        </Field>
        <datalist id="schedule-zones">
          {zones.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <fieldset aria-label="Examples" className="flex flex-wrap gap-1.5 sm:col-span-2">
          {EXAMPLES.map(([label, expression]) => (
            <Button key={expression} size="sm" aria-pressed={cron === expression} onClick={() => { setCron(expression); onTouch?.(); }} className="aria-pressed:bg-accent-wash">
              {label}
            </Button>
          ))}
        </fieldset>
        <Field id="schedule-misfire" label="Slots missed while no worker ran" hint={MISFIRE_WORDS[misfire].meaning}>
          <Select {...control("schedule-misfire")} value={misfire} onChange={(event) => setMisfire(event.target.value as ScheduleMisfire)}>
            {MISFIRES.map((one) => (
              <option key={one} value={one}>{MISFIRE_WORDS[one].label}</option>
            ))}
          </Select>
        </Field>
        <Field id="schedule-overlap" label="When the stage is still busy" hint={OVERLAP_WORDS[overlap].meaning} fault={faultOf("overlap")}>
          <Select {...control("schedule-overlap", faultOf("overlap"))} value={overlap} onChange={(event) => setOverlap(event.target.value as ScheduleOverlap)}>
            {OVERLAPS.map((one) => (
              <option key={one} value={one}>{OVERLAP_WORDS[one].label}</option>
            ))}
          </Select>
        </Field>
        <Field id="schedule-priority" label="Priority" hint="Whose units the workers take first">
          <Select {...control("schedule-priority")} name="priority" defaultValue={schedule?.priority ?? "low"}>
            {RUN_PRIORITIES.map((one) => (
              <option key={one} value={one}>{PRIORITY_WORDS[one]}</option>
            ))}
          </Select>
        </Field>
        {fields.length > 0 && (
          // Another stage has other fields: nothing of the last one stays in them.
          <fieldset key={target} className="sm:col-span-2">
            <legend className="mb-2 font-semibold">Parameters of {chosen?.stage}</legend>
            <div className="grid gap-x-4 gap-y-3 sm:grid-cols-2">
              {fields.map((field) => (
                <ParamInput key={field.name} id={`schedule-param-${field.name}`} field={field} fault={faultOf(field.name)} />
              ))}
            </div>
          </fieldset>
        )}
        {fields.length === 0 && Object.keys(stored).length > 0 && (
          <p className="text-sm text-ink-soft sm:col-span-2">
            Every stage that knows them is given <code className="font-mono break-all text-ink">{JSON.stringify(stored)}</code>.
          </p>
        )}
        <label className="flex min-h-8 items-center gap-2 sm:col-span-2">
          <input type="checkbox" name="paused" defaultChecked={schedule?.paused ?? false} className="size-4 accent-accent" /> Paused
        </label>
        <div className="sm:col-span-2">
          {error && !named.some(faultOf) && <Refusal error={error} />}
        </div>
        <div className="flex gap-2 sm:col-span-2">
          <Button type="submit" look="primary" disabled={isPending}>{schedule ? "Save the schedule" : "Add the schedule"}</Button>
          <Link href="/schedules" className={buttonClass("quiet")}>Back to schedules</Link>
        </div>
      </div>
      <div className="min-w-0 max-lg:row-start-1">
        <CronPreview cron={cron} zone={zone} />
      </div>
    </form>
  );
}
