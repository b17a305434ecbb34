import { JobsRequest, printJob, printProgress, seedRoute } from "#lib/api/simulate";
import { answerPlain } from "#lib/api/route";
import { listJobs } from "#lib/backtests/queries";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Jobs, newest first, each with its counts; `next_cursor` asks for the next page. */
export const GET = seedRoute(async (ctx, { url }) => {
  const { limit, cursor } = JobsRequest.parse(Object.fromEntries(url.searchParams));
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
