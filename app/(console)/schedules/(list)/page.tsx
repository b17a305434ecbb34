import { CalendarClock, Plus } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { IfMay } from "#components/access";
import { EmptyState } from "#components/layout/empty-state";
import { PageHeader } from "#components/layout/page-header";
import { buttonClass } from "#components/ui/button";
import { listSchedules } from "#lib/schedules/queries";
import { pageCtx } from "#lib/web/ctx";
import { ScheduleList } from "../_components/schedule-list";

export const metadata: Metadata = { title: "Schedules" };

export default async function SchedulesPage() {
  const schedules = await listSchedules(await pageCtx());
  const add = (
    <IfMay permission="schedules.change">
      <Link href="/schedules/new" className={buttonClass("primary")}>
        <Plus aria-hidden className="size-4" /> Add a schedule
      </Link>
    </IfMay>
  );

  return (
    <>
      <PageHeader title="Schedules" actions={schedules.length > 0 && add}>
        What the clock starts, and when it does so next.
      </PageHeader>
      {schedules.length > 0 ? (
        <ScheduleList schedules={schedules} />
      ) : (
        <EmptyState icon={<CalendarClock />} title="Nothing is started by the clock" action={add}>
          A schedule runs a stage, or a whole pipeline, at times you choose: every night, each quarter of an hour, the first Monday of a month.
        </EmptyState>
      )}
    </>
  );
}
