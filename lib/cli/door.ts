import type { CancelRunResult } from "#lib/engine/cancel";
import type { RetryInput } from "#lib/engine/retry";
import type { Triggered, TriggerAllInput, TriggerInput } from "#lib/engine/trigger";
import type { ErrorGroupsFilter } from "#lib/error-groups/filter";
import type { ErrorGroupChange } from "#lib/error-groups/mutations";
import type { ErrorGroupListRow } from "#lib/error-groups/queries";
import type { ExportFormat } from "#lib/export/fields";
import type { FilterTree } from "#lib/filters/filter";
import type { MadeKey, MakeKeyInput, RevokeKeyResult } from "#lib/keys/mutations";
import type { KeyRow, ListKeysInput } from "#lib/keys/queries";
import type { CallsFilter } from "#lib/llm-calls/address";
import type { CallRow } from "#lib/llm-calls/queries";
import type { RunsFilter } from "#lib/runs/address";
import type { RunDetail, RunRow } from "#lib/runs/queries";
import type { ScheduleRow } from "#lib/schedules/queries";
import type { PipelineCard } from "#lib/stages/queries";
import type { StatsBy } from "#lib/stats/fields";
import type { RunCount, RunStats } from "#lib/stats/queries";
import type { StepIo, StepRow, UnitRow, Within } from "#lib/trace/queries";
import type { WorkerRow } from "#lib/workers/queries";
import type { Io } from "./command.ts";
import { unlessAborted, withCtx } from "./database.ts";
import { remoteOf } from "./remote.ts";

type Listed<Row> = { rows: Row[]; nextCursor: string | null };
type Inside<Row> = { rows: Row[]; next: number | null };
export type GroupVerb = "resolve" | "ignore" | "reopen";

/**
 * What commands ask for that work on this machine's database and over REST alike: the verbs of `lib`, with the same shapes
 * and the same refusals on either side. A filter may say `me`; each side knows who that is.
 */
export type Door = {
  /** Who answers, as a sentence begins: "The database". */
  name: string;
  listRuns(filter: RunsFilter): Promise<Listed<RunRow>>;
  getRun(id: number): Promise<RunDetail>;
  countRuns(tree: FilterTree | null): Promise<RunCount>;
  /** The bytes of a file; `onRows` hears how many runs are in it, where that is known. */
  exportRuns(filter: RunsFilter, format: ExportFormat, options: { bom: boolean; signal: AbortSignal; onRows: (rows: number) => void }): AsyncIterable<Uint8Array>;
  listUnits(runId: number, within: Within): Promise<Inside<UnitRow>>;
  listSteps(runId: number, within: Within & { status?: StepRow["status"] }): Promise<Inside<StepRow>>;
  getStepIo(runId: number, seq: number): Promise<StepIo>;
  triggerRun(input: TriggerInput): Promise<Triggered>;
  triggerAll(input: TriggerAllInput): Promise<{ runIds: number[] }>;
  cancelRun(runId: number): Promise<CancelRunResult>;
  retryRun(input: RetryInput): Promise<Omit<Triggered, "joined">>;
  countLiveWorkers(): Promise<number>;
  listPipelines(): Promise<PipelineCard[]>;
  getRunStats(by: StatsBy | null, tree: FilterTree | null): Promise<RunStats>;
  listErrorGroups(filter: ErrorGroupsFilter): Promise<Listed<ErrorGroupListRow>>;
  changeErrorGroup(verb: GroupVerb, groupId: number): Promise<ErrorGroupChange>;
  listCalls(filter: CallsFilter): Promise<Listed<CallRow>>;
  listSchedules(): Promise<ScheduleRow[]>;
  listWorkers(): Promise<WorkerRow[]>;
  listKeys(input: ListKeysInput): Promise<KeyRow[]>;
  makeKey(input: MakeKeyInput): Promise<MadeKey>;
  revokeKey(id: string): Promise<RevokeKeyResult>;
};

/**
 * Runs `fn` with a door: to the server that PENSTOCK_API_KEY is for, otherwise to the database (`withCtx`).
 *
 * @param options.stopsItself as for `withCtx`
 */
export async function withDoor<T>(io: Io, fn: (door: Door) => Promise<T>, options: { stopsItself?: boolean } = {}): Promise<T> {
  const remote = remoteOf(io.env);
  if (!remote) {
    const { localDoor } = await import("./local-door.ts");
    return withCtx(io, (ctx) => fn(localDoor(ctx)), options);
  }
  const [{ plainWarning }, { remoteDoor }] = await Promise.all([import("./remote.ts"), import("./remote-door.ts")]);
  const warning = plainWarning(remote);
  if (warning) io.err(`${warning}\n`);
  const work = fn(remoteDoor(remote, io.signal));
  return options.stopsItself ? work : unlessAborted(io.signal, work);
}
