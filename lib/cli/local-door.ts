import type { Ctx } from "#lib/ctx";
import type { Door } from "./door.ts";

/** The verbs themselves, each loaded when it is first asked for: a command must not wait for what it does not use. */
export function localDoor(ctx: Ctx): Door {
  const me = ctx.actor.name;
  return {
    name: "The database",
    listRuns: async (filter) => (await import("#lib/runs/queries")).listRuns(ctx, filter),
    getRun: async (id) => (await import("#lib/runs/queries")).getRun(ctx, id),
    countRuns: async (tree) => {
      const [{ countRuns }, { resolveMe }] = await Promise.all([import("#lib/stats/queries"), import("#lib/filters/rules")]);
      return countRuns(ctx, tree && resolveMe(tree, me));
    },
    exportRuns: async function* (filter, format, { bom, signal, onRows }) {
      const [{ readRuns }, { encodeRows }] = await Promise.all([import("#lib/export/queries"), import("#lib/export/encode")]);
      yield* encodeRows(readRuns(ctx, filter, { signal }), format, { bom, onRows });
    },
    listUnits: async (runId, within) => (await import("#lib/trace/queries")).listUnits(ctx, runId, within),
    listSteps: async (runId, within) => (await import("#lib/trace/queries")).listSteps(ctx, runId, within),
    getStepIo: async (runId, seq) => (await import("#lib/trace/queries")).getStepIo(ctx, runId, seq),
    triggerRun: async (input) => (await import("#lib/engine/trigger")).triggerRun(ctx, input),
    triggerAll: async (input) => (await import("#lib/engine/trigger")).triggerAll(ctx, input),
    cancelRun: async (runId) => (await import("#lib/engine/cancel")).cancelRun(ctx, { runId }),
    retryRun: async (input) => (await import("#lib/engine/retry")).retryRun(ctx, input),
    countLiveWorkers: async () => (await import("#lib/workers/queries")).countLiveWorkers(ctx),
    listPipelines: async () => (await import("#lib/stages/queries")).listPipelines(ctx),
    getRunStats: async (by, tree) => {
      const [{ getRunStats }, { resolveMe }] = await Promise.all([import("#lib/stats/queries"), import("#lib/filters/rules")]);
      return getRunStats(ctx, { by, tree: tree && resolveMe(tree, me) });
    },
    listErrorGroups: async (filter) => (await import("#lib/error-groups/queries")).listErrorGroups(ctx, filter),
    changeErrorGroup: async (verb, groupId) => {
      const verbs = await import("#lib/error-groups/mutations");
      return { resolve: verbs.resolveErrorGroup, ignore: verbs.ignoreErrorGroup, reopen: verbs.reopenErrorGroup }[verb](ctx, { groupId });
    },
    listCalls: async (filter) => (await import("#lib/llm-calls/queries")).listCalls(ctx, filter),
    listSchedules: async () => (await import("#lib/schedules/queries")).listSchedules(ctx),
    listWorkers: async () => (await import("#lib/workers/queries")).listWorkers(ctx),
    listKeys: async (input) => (await import("#lib/keys/queries")).listKeys(ctx, input),
    makeKey: async (input) => (await import("#lib/keys/mutations")).makeKey(ctx, input),
    revokeKey: async (id) => (await import("#lib/keys/mutations")).revokeKey(ctx, { id }),
  };
}
