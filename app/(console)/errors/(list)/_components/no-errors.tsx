import { CircleCheck, SearchX, TimerOff } from "lucide-react";
import Link from "next/link";
import { errorsHref } from "#components/errors/errors-href";
import { EmptyState } from "#components/layout/empty-state";
import { ErrorCard } from "#components/layout/error-card";
import { buttonClass } from "#components/ui/button";
import { type ErrorGroupsFilter, isNarrowed } from "#lib/error-groups/filter";

/** Empty because new: nothing has failed yet. */
export function NoErrors() {
  return (
    <EmptyState icon={<CircleCheck />} title="Nothing has failed yet" action={<Link href="/runs" className={buttonClass("primary")}>Show the runs</Link>}>
      When a unit or an item fails, it is counted here with all that fail like it: how often, since when, in which runs, and what to do.
    </EmptyState>
  );
}

/** Empty because filtered: says by what, and takes it away in one click. */
export function NoErrorsFound({ filter }: { filter: ErrorGroupsFilter }) {
  if (!isNarrowed(filter)) {
    return (
      <EmptyState icon={<CircleCheck />} title={filter.status === "all" ? "No error on this page" : `No ${filter.status} errors`} action={<Link href="/errors?status=all" className={buttonClass("primary")}>Show all errors</Link>}>
        {filter.status === "open" ? "Everything that has failed is resolved or ignored. What comes back after it was resolved stands here again." : "None of the errors is in this state."}
      </EmptyState>
    );
  }
  const conditions = [filter.stage && `stage ${filter.stage}`, filter.pipeline && `pipeline ${filter.pipeline}`, filter.q && `“${filter.q}” in its message, class, stage or step`].filter(Boolean);
  return (
    <EmptyState
      icon={<SearchX />}
      title="No error matches"
      action={
        <>
          <Link href={errorsHref({ ...filter, pipeline: null, stage: null, q: "", cursor: null })} className={buttonClass("primary")}>Clear filters</Link>
          {filter.status !== "all" && <Link href={errorsHref({ ...filter, status: "all", cursor: null })} className={buttonClass("plain")}>Search all errors</Link>}
        </>
      }
    >
      No {filter.status === "all" ? "" : `${filter.status} `}error has {conditions.join(", and ")}.
    </EmptyState>
  );
}

/** The database gave the question up, or is away: the filter stays in hand, with what would make the question smaller. */
export function ErrorsRefused({ filter, timedOut, message }: { filter: ErrorGroupsFilter; timedOut: boolean; message: string }) {
  const again = <Link href={errorsHref(filter)} className={buttonClass("primary")}>Try again</Link>;
  if (!timedOut) return <ErrorCard title="The errors could not be read" action={again}>{message}</ErrorCard>;
  return (
    <EmptyState icon={<TimerOff />} title="The search took too long" action={again}>
      The database gave it up before it had an answer; there may be errors that match. Narrow it: choose one status, or leave the search out.
    </EmptyState>
  );
}
