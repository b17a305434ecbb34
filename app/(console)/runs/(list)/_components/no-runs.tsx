import { ListTree, SearchX, TimerOff } from "lucide-react";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { ErrorCard } from "#components/layout/error-card";
import { runsHref } from "#components/runs/runs-href";
import { buttonClass } from "#components/ui/button";
import { ask, describeNode, keyOfNode } from "#lib/filters/edit";
import { nodesOf } from "#lib/filters/tree";
import type { RunsFilter } from "#lib/runs/address";

const TEXT = "system/pipeline_run.text";

/** Empty because new. */
export function NoRuns() {
  return (
    <EmptyState icon={<ListTree />} title="No run yet" action={<Link href="/control" className={buttonClass("primary")}>Go to Pipeline Control</Link>}>
      Each time a stage is executed, from here, from the command line or by another program, it stands here with its steps and its errors.
    </EmptyState>
  );
}

/** Empty because filtered: says by what, and takes it away in one click. */
export function NoRunsFound({ filter }: { filter: RunsFilter }) {
  const conditions = nodesOf(filter.tree).map((node) => describeNode(node)).map(({ label, text }) => `${label.toLowerCase()} ${text}`);
  return (
    <EmptyState icon={<SearchX />} title="No run matches" action={<Link href="/runs" className={buttonClass("primary")}>Clear filters</Link>}>
      {conditions.length > 0 ? <>No run fits all of this: {conditions.join("; ")}.</> : <>There is no run on this page any more.</>}
    </EmptyState>
  );
}

/** The database gave the question up, or is away: the filters stay in hand, with what would make the question smaller. */
export function RunsRefused({ filter, timedOut, message }: { filter: RunsFilter; timedOut: boolean; message: string }) {
  const actions = (
    <>
      <Link href={runsHref(filter)} className={buttonClass("primary")}>
        Try again
      </Link>
      {timedOut && nodesOf(filter.tree).some((node) => keyOfNode(node) === TEXT) && (
        <Link href={runsHref({ ...filter, tree: ask(filter.tree, TEXT, null), cursor: null })} className={buttonClass("plain")}>
          Leave out the search
        </Link>
      )}
    </>
  );
  if (!timedOut) {
    return (
      <ErrorCard title="The runs could not be read" action={actions}>
        {message}
      </ErrorCard>
    );
  }
  return (
    <EmptyState icon={<TimerOff />} title="The search took too long" action={actions}>
      The database gave it up before it had an answer; there may be runs that match. Narrow it: choose a stage or a status, or search for a run by its number,
      such as #123.
    </EmptyState>
  );
}
