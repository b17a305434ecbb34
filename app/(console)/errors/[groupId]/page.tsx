import { IfMay } from "#components/access";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { parseErrorGroupId } from "#lib/api/inputs";
import { getErrorGroup, listRunsOfErrorGroup, listRunsToRetry } from "#lib/error-groups/queries";
import { AppError } from "#lib/errors";
import { pageCtx } from "#lib/web/ctx";
import { AffectedRuns } from "./_components/affected-runs";
import { GroupFacts } from "./_components/group-facts";
import { GroupHeader } from "./_components/group-header";
import { GroupMessage } from "./_components/group-message";
import { GroupTrend } from "./_components/group-trend";
import { RetryGroup } from "./_components/retry-group";

/** The page of affected runs: those below this number. What is none is the first page. */
const Shown = z.object({ before: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER).optional().catch(undefined) });

/** The group, or the "not found" page when there is none; asked for once, by the title and by the page. */
const findGroup = cache(async (idText: string) => {
  const ctx = await pageCtx();
  try {
    return await getErrorGroup(ctx, parseErrorGroupId(idText));
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") notFound();
    throw error;
  }
});

export async function generateMetadata({ params }: PageProps<"/errors/[groupId]">): Promise<Metadata> {
  const group = await findGroup((await params).groupId);
  return { title: `${group.errorClass} in ${group.stage}` };
}

export default async function ErrorPage({ params, searchParams }: PageProps<"/errors/[groupId]">) {
  const group = await findGroup((await params).groupId);
  const { before } = Shown.parse(await searchParams);
  const ctx = await pageCtx();
  const [runs, { runIds, hasMore }] = await Promise.all([listRunsOfErrorGroup(ctx, group.id, { before }), listRunsToRetry(ctx, group.id)]);

  return (
    <>
      <GroupHeader group={group} retry={<IfMay permission="runs.retry"><RetryGroup groupId={group.id} waiting={runIds.length} hasMore={hasMore} /></IfMay>} />
      <GroupMessage group={group} />
      <GroupFacts group={group} />
      <GroupTrend days={group.days} hours={group.hours} />
      <AffectedRuns groupId={group.id} runs={runs.rows} next={runs.next} isFirst={before === undefined} />
    </>
  );
}
