/** A death at every failpoint, for every kind of unit that comes there: by a worker's hand or by an operator's act. */
import { setTimeout as sleep } from "node:timers/promises";
import { tickSchedules } from "#lib/engine/schedule";
import { ACT_FAILPOINTS, type Failpoint, UNIT_FAILPOINTS } from "#lib/failpoint";
import { createSchedule } from "#lib/schedules/mutations";
import { askActor } from "./ask.ts";
import { type Act, checkHistory, type Fault } from "./check.ts";
import { startFleet } from "./fleet.ts";
import type { Arena, Say } from "./run.ts";
import { countOpen, readState } from "./state.ts";

type Kind = "plan" | "work" | "settle";
type Cell = { point: Failpoint; kind: Kind | null; how: "execute" | "hand back" | "bury" | "slot" | "trigger" | "triggerAll" | "cancel" | "prune" };

const KINDS: Kind[] = ["plan", "work", "settle"];
const cells = (how: Cell["how"], points: readonly Failpoint[], kinds: readonly (Kind | null)[] = [null]): Cell[] => points.flatMap((point) => kinds.map((kind) => ({ point, kind, how })));
const unitPoints = (prefix: string) => UNIT_FAILPOINTS.filter((name) => name.startsWith(prefix));

/** Every cell there is. A test holds it against the list of failpoints. */
export const CELLS: Cell[] = [
  ...cells("execute", [...unitPoints("claim."), ...unitPoints("endUnit.")], KINDS),
  ...cells("execute", ACT_FAILPOINTS, ["work", "settle"]),
  ...cells("execute", ["claim.updated", "plan.cleared", "plan.batch", "plan.counted", "items.counted", "advance.wave", "advance.settle", "endRun.changed"]),
  ...cells("hand back", unitPoints("handBack."), KINDS),
  ...cells("bury", unitPoints("repair."), KINDS),
  ...cells("bury", ["bury.marked", "bury.unlocked", "bury.committed"]),
  ...cells("slot", ["slot.claimed", "slot.triggered", "slot.decided", "slot.committed"]),
  ...cells("trigger", ["enqueue.added", "trigger.inserted", "trigger.begun", "trigger.committed"]),
  ...cells("triggerAll", ["triggerAll.inserted", "triggerAll.committed", "endRun.followed"]),
  ...cells("cancel", ["cancel.marked", "cancel.committed", "cancel.unitsEnded", "cancel.carriedOut"]),
  ...cells("prune", ["prune.batch", "prune.committed"]),
];

const WAIT_MS = 30_000;
async function until(what: string, probe: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; await sleep(20)) if (await probe()) return;
  throw new Error(`Waited ${WAIT_MS / 1_000} s for ${what}`);
}

export type MatrixVerdict = { cells: number; /** Cells whose process did not come to die where it should have. */ missed: string[]; faults: Fault[] };

/** One worker process lives at a time, so that it is the one that comes to the failpoint. */
export async function runMatrix(arena: Arena, say: Say, wanted: Cell[] = CELLS): Promise<MatrixVerdict> {
  const { ctx, world, server } = arena;
  const acts: Act[] = [];
  const missed: string[] = [];
  const fleet = startFleet({ workers: 1, worldUrl: world.url, urlOf: () => server.url });
  let keys = 0;

  const isUp = () => until("a worker", () => fleet.members().some(({ workerId }) => workerId !== null));
  const killed = () => fleet.ends.get("SIGKILL") ?? 0;
  const settled = () => until("everything to end", async () => (await countOpen(ctx)) === 0);
  const newTrigger = (more: Record<string, unknown> = {}) => {
    const key = `matrix-${(keys += 1)}`;
    acts.push({ act: "trigger", key, runIds: null, items: 4, units: 2 });
    return { pipeline: "chaos", stage: "first", params: { units: 2, items: 2, waves: 2, ...more }, idempotencyKey: key };
  };
  const note = (key: string, runId: number) => acts.push({ act: "trigger", key, runIds: [runId], items: 4, units: 2 });

  /** Asks as an operator would. */
  const actor = <T>(act: string, input: unknown, failpoints?: string): Promise<T | null> => askActor<T>(server.url, act, input, { failpoints });
  async function trigger(more: Record<string, unknown> = {}): Promise<number> {
    const input = newTrigger(more);
    const { runId = 0 } = (await actor<{ runId: number }>("trigger", input)) ?? {};
    note(input.idempotencyKey, runId);
    return runId;
  }
  /** A worker that will die there, and no other. */
  async function armedWorker(order: string): Promise<void> {
    await isUp();
    fleet.arm(0, order);
    const before = killed();
    fleet.members()[0]?.child.kill("SIGKILL");
    await until("the old worker to be gone", () => killed() > before);
  }
  const isHeld = (runId: number, kind: Kind) => async () => (await ctx.db.runUnit.count({ where: { runId, kind, status: "running" } })) > 0;

  async function act({ point, kind, how }: Cell): Promise<boolean> {
    const order = `${point}${kind ? `/${kind}` : ""}=kill@1`;
    const dies = async (from: number) => until(`a death at ${order}`, () => killed() > from).then(() => true, () => false);
    if (how === "execute" || how === "slot") {
      await armedWorker(order);
      const before = killed();
      if (how === "execute") await trigger();
      else await ctx.db.$executeRaw`update schedules set next_slot = date_trunc('second', clock_timestamp()) - interval '1 s', cron = '@yearly'`;
      return dies(before);
    }
    if (how === "hand back") {
      await armedWorker(order);
      await isUp();
      const runId = await trigger({ slow: kind ?? "work" });
      await until(`a ${kind} unit to be held`, isHeld(runId, kind ?? "work"));
      const before = killed();
      fleet.members()[0]?.child.kill("SIGTERM");
      return dies(before);
    }
    if (how === "bury") {
      await isUp();
      const runId = await trigger({ slow: kind ?? "work" });
      await until(`a ${kind ?? "work"} unit to be held`, isHeld(runId, kind ?? "work"));
      await armedWorker(order);
      return dies(killed());
    }
    await isUp();
    if (how === "triggerAll") {
      if (point === "endRun.followed") {
        await armedWorker(order);
        const before = killed();
        acts.push({ act: "triggerAll", key: null, runIds: (await actor<{ runIds: number[] }>("triggerAll", { pipeline: "chaos", params: { units: 2, items: 2 } }))?.runIds ?? null, items: 4, units: 2 });
        return dies(before);
      }
      acts.push({ act: "triggerAll", key: null, runIds: null, items: 4, units: 2 });
      return (await actor("triggerAll", { pipeline: "chaos", params: { units: 2, items: 2 } }, order)) === null;
    }
    if (how === "trigger") {
      const input = newTrigger();
      const isDead = (await actor("trigger", input, order)) === null;
      const again = await actor<{ runId: number }>("trigger", input);
      if (again) note(input.idempotencyKey, again.runId);
      return isDead;
    }
    if (how === "cancel") {
      const runId = await trigger({ sleepMs: 300 });
      const isDead = (await actor("cancel", { runId }, order)) === null;
      const again = await actor<{ ok: boolean }>("cancel", { runId });
      acts.push({ act: "cancel", runId, answer: again?.ok ? "ok" : "too late" });
      return isDead;
    }
    // Runs of long ago, which no act of this history is about.
    await ctx.db.$executeRaw`insert into runs (pipeline, stage, status, created_at, started_at, completed_at) select 'mail', 'content', 'completed', t, t, t from generate_series(1, 20) cross join (select now() - interval '200 days' as t) x`;
    const before = new Date(Date.now() - 100 * 86_400_000).toISOString();
    const isDead = (await actor("prune", { before }, order)) === null;
    await actor("prune", { before });
    return isDead;
  }

  try {
    await createSchedule(ctx, { name: "matrix", pipeline: "chaos", stage: "second", cron: "@yearly", params: { units: 1, items: 1 } });
    await tickSchedules(ctx);
    for (const [index, cell] of wanted.entries()) {
      const name = `${cell.point}${cell.kind ? `/${cell.kind}` : ""}`;
      const startedAt = performance.now();
      if (!(await act(cell))) missed.push(name);
      await settled();
      say(`${index + 1}/${wanted.length} ${name}, by ${cell.how}: ${missed.includes(name) ? "NOT REACHED" : "died there"}, all ended ${((performance.now() - startedAt) / 1_000).toFixed(1)} s later`);
    }
    return { cells: wanted.length, missed, faults: [...checkHistory({ acts, effects: world.effects(), state: await readState(ctx) }), ...(await checkAttempts(arena))] };
  } finally {
    await fleet.stop();
  }
}

/** A death costs a unit one attempt, and no unit more than one. */
async function checkAttempts({ ctx }: Arena): Promise<Fault[]> {
  const rows = await ctx.db.$queryRaw<{ run_id: bigint; seq: number; attempt: number }[]>`select run_id, seq, attempt from run_units where attempt > 3`;
  const faults: Fault[] = rows.map(({ run_id, seq, attempt }) => ({ class: "duplicate" as const, what: `Unit #${run_id}/${seq} needed ${attempt} attempts for at most two deaths` }));
  const [slots] = await ctx.db.$queryRaw<{ runs: number; slots: number }[]>`select (select count(*)::int from runs where triggered_by = 'schedule') as runs, (select count(*)::int from schedule_slots where outcome = 'started') as slots`;
  if (slots && slots.runs !== slots.slots) faults.push({ class: "duplicate", what: `${slots.slots} slots were started, as ${slots.runs} runs` });
  return faults;
}


