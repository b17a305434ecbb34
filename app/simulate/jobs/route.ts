import { z } from "zod";
import { printJob, printProgress, seedRoute } from "#lib/api/simulate";
import { answerPlain } from "#lib/api/route";
import { JOB_PAGE_SIZE, listJobs } from "#lib/backtests/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

const Query = z.object({ limit: z.coerce.number().int().min(1).max(200).default(JOB_PAGE_SIZE), cursor: z.uuid().optional() });

/** Jobs, newest first, each with its counts; `next_cursor` asks for the next page. */
export const GET = seedRoute(async (ctx, { url }) => {
  const { limit, cursor } = Query.parse(Object.fromEntries(url.searchParams));
  const { rows, after } = await listJobs(ctx, { limit, ...(cursor && { after: cursor }) });
  return answerPlain({
    jobs: rows.map((job) => {
      const { details: _, current: __, ...progress } = printProgress(job, []);
      return { ...printJob(job), progress };
    }),
    count: rows.length,
    next_cursor: after,
  });
});
