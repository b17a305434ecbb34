"use client";
import { useRouter } from "next/navigation";
import { Button } from "#components/ui/button";
import { Field, Select } from "#components/ui/field";
import type { JobDetail } from "#lib/backtests/queries";

const told = ({ dates, models, status, jobId }: JobDetail): string => `${dates[0]} to ${dates.at(-1)}, ${models.length} ${models.length === 1 ? "model" : "models"}, ${status} (${jobId.slice(0, 8)})`;

/** Which two jobs are compared. */
export function ChooseJobs({ jobs, a, b, refused }: { jobs: JobDetail[]; a: string | null; b: string | null; refused: string | null }) {
  const router = useRouter();
  const choose = (name: string, label: string, value: string | null) => (
    <Field id={`compare-${name}`} label={label}>
      <Select id={`compare-${name}`} name={name} defaultValue={value ?? ""} aria-describedby={`compare-${name}-hint`}>
        <option value="">Choose a job</option>
        {value && !jobs.some(({ jobId }) => jobId === value) && <option value={value}>{value.slice(0, 8)}</option>}
        {jobs.map((job) => <option key={job.jobId} value={job.jobId}>{told(job)}</option>)}
      </Select>
    </Field>
  );
  return (
    <form
      action={(form) => router.push(`/backtests/compare?a=${form.get("a")}&b=${form.get("b")}`)}
      className="grid max-w-5xl items-end gap-3 px-4 pb-4 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto] sm:px-6"
    >
      {choose("a", "Job A", a)}
      {choose("b", "Job B", b)}
      <Button type="submit" look="primary" className="justify-self-start">Compare jobs</Button>
      {refused && <p role="alert" className="text-sm font-medium break-words text-failed sm:col-span-3">{refused}</p>}
    </form>
  );
}
