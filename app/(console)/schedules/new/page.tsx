import type { Metadata } from "next";
import { z } from "zod";
import { PageHeader } from "#components/layout/page-header";
import { pageCtx } from "#lib/web/ctx";
import { ScheduleForm } from "../_components/schedule-form";
import { listStartables } from "../startables";

export const metadata: Metadata = { title: "Add a schedule" };

/** `for` is what it is to run, such as `mail/content`; what is not known is left to choose. */
const Shown = z.object({ for: z.string().optional().catch(undefined) });

export default async function NewSchedulePage({ searchParams }: PageProps<"/schedules/new">) {
  await pageCtx("schedules.change");
  const asked = Shown.parse(await searchParams).for;
  const startables = listStartables();
  const isKnown = startables.some(({ pipeline, stage }) => `${pipeline}/${stage ?? ""}` === asked);

  return (
    <>
      <PageHeader title="Add a schedule">A run begins at each slot, once, in whichever worker is there.</PageHeader>
      <ScheduleForm schedule={null} startables={startables} {...(isKnown && { target: asked })} />
    </>
  );
}
