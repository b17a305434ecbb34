/** Why a run is waiting, in words: pure, isomorphic. */
import { formatCount } from "#lib/format/number";
import { formatTime } from "#lib/format/time";
import type { RunStatus } from "#lib/db/generated/enums";

/** `line`: behind its exclusive key. `busy`: all slots are taken. `queued`: a worker takes it at once. */
export const WAIT_REASONS = ["line", "upstream", "pause", "no_worker", "unable", "drained", "limit", "backoff", "busy", "queued"] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

/** `runs` are those in the way, nearest to their turn first. */
export type Waiting = { reason: WaitReason; text: string; runs: { id: number; stage: string }[] };

export type Pause = { /** Of the whole pipeline. */ isPipeline: boolean; at: Date; by: string; reason: string | null };

export type WaitFacts = {
  status: RunStatus;
  pipeline: string;
  stage: string;
  cancelRequested: boolean;
  /** It stands in line; `holder` is the run that has its key, `ahead` how many stand before it, `next` the first few of those. */
  inLine: boolean;
  holder: { id: number; stage: string; status: RunStatus } | null;
  ahead: number;
  next: number[];
  /** Runs it needs that have not ended. */
  upstream: { id: number; stage: string }[];
  pauses: Pause[];
  /** Units of its stage in flight, and how many may be. */
  inFlight: number;
  limit: number | null;
  /** Its own units: in flight, and waiting in the open wave. */
  running: number;
  hasPending: boolean;
  /** When the next attempt of one that failed is due; null when none is put off. */
  backoffUntil: Date | null;
  workers: { alive: number; able: number; draining: number; /** Units the able ones run at a time, and those that they run. */ slots: number; taken: number };
  /** Units that are taken before its first, counted to `MANY`; null when it is not known. */
  unitsAhead: number | null;
  /** Units of a higher priority are among them. */
  outranked: boolean;
};

/** Of so many units that a worker takes one is for those of lower priority (lib/engine/turns.ts). */
export const TURN_EVERY = 16;
/** What is counted no further. */
export const MANY = 1_000;

const units = (n: number): string => `${n > MANY ? `more than ${formatCount(MANY)}` : formatCount(n)} ${n === 1 ? "unit" : "units"}`;
const runsAhead = (n: number): string => `${n > MANY ? `more than ${formatCount(MANY)}` : formatCount(n)} ${n === 1 ? "run" : "runs"}`;
/** The page and the shell show the same sentence, whoever reads it: the zone is said. */
const since = (at: Date): string => formatTime(at, { zone: "UTC" });

/** The first thing that keeps a run from going on; null when it goes on, or has ended. */
export function explainWait(facts: WaitFacts): Waiting | null {
  if (facts.cancelRequested) return null;
  if (facts.status === "pending") return explainPending(facts);
  return facts.status === "running" ? explainRunning(facts) : null;
}

function explainPending(facts: WaitFacts): Waiting {
  const paused = explainPause(facts);
  const also = paused ? ` ${paused.text}` : "";
  if (facts.inLine) return { ...explainLine(facts, also), reason: "line" };
  const [blocker, ...others] = facts.upstream;
  if (blocker) {
    const more = others.length > 0 ? `, and for ${others.map(({ id, stage }) => `#${id} ${stage}`).join(", ")}` : "";
    return { reason: "upstream", text: `Waiting for #${blocker.id} ${blocker.stage} to end${more}.${also}`, runs: facts.upstream };
  }
  return paused ?? explainWorkers(facts) ?? explainLimit(facts) ?? explainBackoff(facts) ?? explainBusy(facts) ?? { reason: "queued", text: "Queued: a worker takes it as soon as one is free.", runs: [] };
}

/** While something of it is in flight it goes on, unless nothing new may start. */
function explainRunning(facts: WaitFacts): Waiting | null {
  const paused = explainPause(facts);
  if (paused) return paused;
  const { workers } = facts;
  if (workers.alive === 0 || (workers.able === 0 && workers.draining === 0)) return explainWorkers(facts);
  if (facts.running > 0 || !facts.hasPending) return null;
  return explainWorkers(facts) ?? explainLimit(facts) ?? explainBackoff(facts) ?? explainBusy(facts);
}

function explainLine({ holder, ahead, next, stage }: WaitFacts, also: string): Pick<Waiting, "text" | "runs"> {
  if (!holder) return { text: `First in line: it begins at once.${also}`, runs: [] };
  const before = ahead === 0 ? "It is next." : `${runsAhead(ahead)} before it: ${next.map((id) => `#${id}`).join(", ")}${ahead > next.length ? " and so on" : ""}.`;
  const state = holder.status === "running" ? "is running" : "waits to run";
  return { text: `In line behind #${holder.id}, which ${state}. ${before}${also}`, runs: [{ id: holder.id, stage: holder.stage }, ...next.map((id) => ({ id, stage }))] };
}

function explainPause({ pauses, pipeline, stage, running }: WaitFacts): Waiting | null {
  const [pause] = pauses;
  if (!pause) return null;
  const what = pause.isPipeline ? `Pipeline ${pipeline}` : `Stage ${pipeline}/${stage}`;
  const why = pause.reason === null ? "" : `: ${pause.reason.replace(/[.\s]+$/, "")}`;
  const ending = running > 0 ? ` ${units(running)} in flight ${running === 1 ? "ends" : "end"}; nothing new starts.` : "";
  return { reason: "pause", text: `${what} is paused by ${pause.by} since ${since(pause.at)}${why}.${ending}`, runs: [] };
}

function explainWorkers({ workers, pipeline, stage }: WaitFacts): Waiting | null {
  const say = (reason: WaitReason, text: string): Waiting => ({ reason, text, runs: [] });
  if (workers.alive === 0) return say("no_worker", "Waiting for a worker: none is alive. Start one with ./penstock worker.");
  if (workers.able > 0) return null;
  if (workers.draining > 0) return say("drained", "Waiting for a worker: those that could run it are being drained. Start one with ./penstock worker.");
  return say("unable", `Waiting for a worker that can run ${pipeline}/${stage}: none of the ${workers.alive} alive knows it. Start one of the version that does.`);
}

function explainLimit({ limit, inFlight, pipeline, stage }: WaitFacts): Waiting | null {
  if (limit === null || inFlight < limit) return null;
  return { reason: "limit", text: `Waiting for room: ${units(inFlight)} of ${pipeline}/${stage} ${inFlight === 1 ? "is" : "are"} in flight, and its limit is ${formatCount(limit)}.`, runs: [] };
}

function explainBackoff({ backoffUntil }: WaitFacts): Waiting | null {
  if (backoffUntil === null) return null;
  return { reason: "backoff", text: `Waiting until ${since(backoffUntil)}: a unit of it failed, and is tried again then.`, runs: [] };
}

function explainBusy({ workers, unitsAhead, outranked }: WaitFacts): Waiting | null {
  if (workers.taken < workers.slots) return null;
  const ahead = unitsAhead === null || unitsAhead === 0 ? "" : ` ${units(unitsAhead)} come${unitsAhead === 1 ? "s" : ""} before it.`;
  const turn = outranked && unitsAhead !== null && unitsAhead >= TURN_EVERY ? ` Some are of a higher priority; of ${TURN_EVERY} that a worker takes, one is of a lower.` : "";
  const what = workers.slots === 1 ? "the one slot of the workers that can run it is taken." : `all ${formatCount(workers.slots)} slots of the workers that can run it are taken.`;
  return { reason: "busy", text: `Waiting for a worker: ${what}${ahead}${turn}`, runs: [] };
}
