import { z } from "zod";
import { toSearchParams as groupParams } from "#lib/error-groups/filter";
import { AppError } from "#lib/errors";
import { toSearchParams as callParams } from "#lib/llm-calls/address";
import { EVERY_RUN, toSearchParams as runParams } from "#lib/runs/address";
import { isFinal, RUN_STATUSES } from "#lib/runs/rules";
import type { Within } from "#lib/trace/queries";
import type { Door } from "./door.ts";
import * as Answer from "./remote-answers.ts";
import { type Ask, type Remote, RemoteClient } from "./remote.ts";

/** The same verbs over REST, as `app/api/v1` offers them. */
export function remoteDoor(remote: Remote, signal: AbortSignal): Door {
  const client = new RemoteClient(remote, signal);
  const data = async <T>(schema: z.ZodType<T>, path: string, ask?: Ask): Promise<T> => (await client.ask(z.object({ data: schema as z.ZodType }), path, ask)).data as T;
  const listed = async <Row>(row: z.ZodType<Row>, path: string, query: URLSearchParams) => {
    const { data, page } = await client.ask(z.object({ data: z.array(row), page: z.looseObject({ nextCursor: z.string().nullable() }) }), path, { query });
    return { rows: data, nextCursor: page.nextCursor };
  };
  const inside = async <Row>(row: z.ZodType<Row>, path: string, { after, limit, status }: Within & { status?: string }) => {
    const { rows, nextCursor } = await listed(row, path, given({ cursor: after, limit, status }));
    return { rows, next: nextCursor === null ? null : Number(nextCursor) };
  };
  const stage = (pipeline: string, name: string) => `pipelines/${encodeURIComponent(pipeline)}/stages/${encodeURIComponent(name)}`;

  return {
    name: client.name,
    listRuns: (filter) => listed(Answer.Run, "runs", runParams(filter)),
    getRun: (id) => data(Answer.OneRun, `runs/${id}`),
    countRuns: (tree) => data(Answer.Counted, "runs/count", { query: runParams({ ...EVERY_RUN, tree }) }),
    exportRuns: (filter, format, { bom }) => {
      const query = runParams({ ...filter, cursor: null, limit: EVERY_RUN.limit });
      query.set("format", format);
      if (bom) query.set("bom", "true");
      return client.stream("runs/export", query);
    },
    listUnits: (runId, within) => inside(Answer.Unit, `runs/${runId}/units`, within),
    listSteps: (runId, within) => inside(Answer.Step, `runs/${runId}/steps`, within),
    getStepIo: (runId, seq) => data(Answer.Io, `runs/${runId}/steps/${seq}/io`),
    triggerRun: ({ pipeline, stage: name, idempotencyKey, ...body }) => data(Answer.Trigger, `${stage(pipeline, name)}/runs`, { method: "POST", body, headers: keyed(idempotencyKey) }),
    triggerAll: ({ pipeline, ...body }) => data(Answer.TriggerAll, `pipelines/${encodeURIComponent(pipeline)}/runs`, { method: "POST", body }),
    cancelRun: async (runId) => {
      try {
        return { ok: true, ...(await data(Answer.Cancelled, `runs/${runId}/cancel`, { method: "POST" })) };
      } catch (error) {
        // That it had ended is no fault here, but an answer, as of the verb.
        const status = error instanceof AppError && error.code === "CONFLICT" ? RUN_STATUSES.find((one) => one === error.details.runStatus) : undefined;
        if (status && isFinal(status)) return { ok: false, reason: "already_finished", status };
        throw error;
      }
    },
    retryRun: ({ runId, idempotencyKey, ...body }) => data(Answer.Retried, `runs/${runId}/retry`, { method: "POST", body, headers: keyed(idempotencyKey) }),
    countLiveWorkers: async () => (await data(z.array(Answer.Worker), "workers")).filter(({ alive, stoppedAt }) => alive && stoppedAt === null).length,
    listPipelines: () => data(z.array(Answer.PipelineOf), "pipelines"),
    getRunStats: (by, tree) => {
      const query = runParams({ ...EVERY_RUN, tree });
      if (by) query.set("by", by);
      return data(Answer.Stats, "runs/stats", { query });
    },
    listErrorGroups: (filter) => listed(Answer.ErrorGroup, "errors", groupParams(filter)),
    changeErrorGroup: async (verb, groupId) => ({ ok: true, ...(await data(Answer.ChangedGroup, `errors/${groupId}/${verb}`, { method: "POST" })) }),
    listCalls: (filter) => listed(Answer.Call, "llm-calls", callParams(filter)),
    listSchedules: () => data(z.array(Answer.Schedule), "schedules"),
    listWorkers: () => data(z.array(Answer.Worker), "workers"),
    listKeys: ({ ended }) => data(z.array(Answer.Key), "keys", { query: given({ ended: ended ? "true" : undefined }) }),
    makeKey: (body) => data(Answer.NewKey, "keys", { method: "POST", body }),
    revokeKey: (id) => data(Answer.Revoked, `keys/${encodeURIComponent(id)}`, { method: "DELETE" }),
  };
}

const keyed = (key: string | undefined): Record<string, string> => (key === undefined ? {} : { "Idempotency-Key": key });

/** Parameters with those that are not given left out. */
const given = (values: Record<string, string | number | undefined>): URLSearchParams =>
  new URLSearchParams(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
