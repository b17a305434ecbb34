import { join, type Sql, sql } from "#lib/db/client";
import type { ResolvedFilter } from "#lib/filters/rules";
import { filterCondition } from "#lib/filters/sql/condition";
import { isHandling, RUN_STATUSES } from "#lib/runs/rules";
import type { BulkKind } from "../fields.ts";
import { fittingStatuses } from "../rules.ts";

const statuses = (words: string[]): Sql => join(words.map((word) => sql`${word}::run_status`));

/** Whether a retry of `runs r` has succeeded: found from the few retries there are. */
export const IS_HANDLED: Sql = sql`exists (select from runs retry where retry.retry_of = r.id and retry.status in (${statuses(RUN_STATUSES.filter(isHandling))}))`;

/** Whether the status of `runs r` lets the act be done. */
export const hasFittingStatus = (kind: BulkKind): Sql => sql`r.status in (${statuses(fittingStatuses(kind))})`;

/** Whether the act can be done to `runs r`: the same as `unfitReason` in rules.ts, which a test holds against it. */
export const fits = (kind: BulkKind): Sql => (kind === "retry" ? sql`(${hasFittingStatus(kind)} and not ${IS_HANDLED})` : hasFittingStatus(kind));

export const matches = (tree: ResolvedFilter | null): Sql => (tree ? filterCondition(tree) : sql`true`);
