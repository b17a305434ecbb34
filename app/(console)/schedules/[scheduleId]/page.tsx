import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { IfMay } from "#components/access";
import { Section } from "#components/ui/section";
import { parseScheduleId } from "#lib/api/inputs";
import { AppError } from "#lib/errors";
import { getSchedule, listSlots } from "#lib/schedules/queries";
import { pageCtx } from "#lib/web/ctx";
import { listStartables } from "../startables";
import { ChangeForm } from "./_components/change-form";
import { ScheduleHeader } from "./_components/schedule-header";
import { SlotHistory } from "./_components/slot-history";

/** The page of slots: those older than this instant. What is none is the first page. */
const Shown = z.object({ before: z.iso.datetime({ offset: true }).transform((text) => new Date(text)).optional().catch(undefined) });

/** The schedule, or the "not found" page when there is none; asked for once, by the title and by the page. */
const findSchedule = cache(async (idText: string) => {
  const ctx = await pageCtx();
  try {
    return await getSchedule(ctx, parseScheduleId(idText));
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") notFound();
    throw error;
  }
});

export async function generateMetadata({ params }: PageProps<"/schedules/[scheduleId]">): Promise<Metadata> {
  return { title: (await findSchedule((await params).scheduleId)).name };
}

export default async function SchedulePage({ params, searchParams }: PageProps<"/schedules/[scheduleId]">) {
  const schedule = await findSchedule((await params).scheduleId);
  const { before } = Shown.parse(await searchParams);
  const slots = await listSlots(await pageCtx(), schedule.id, before);

  return (
    <>
      <ScheduleHeader schedule={schedule} />
      <Section title="Slots">
        <SlotHistory scheduleId={schedule.id} zone={schedule.zone} slots={slots} isFirst={before === undefined} />
      </Section>
      <IfMay permission="schedules.change">
        <div id="change" className="scroll-mt-16">
          <Section title="Change the schedule">
            {schedule.hidden && <p className="px-4 pb-3 text-sm text-ink-soft sm:px-6">Its parameters are not shown to you: what you leave as it stands here stays as it was.</p>}
            <ChangeForm schedule={schedule} startables={listStartables()} />
          </Section>
        </div>
      </IfMay>
    </>
  );
}
