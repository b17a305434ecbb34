import { SearchX, Sparkles, TimerOff } from "lucide-react";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { ErrorCard } from "#components/layout/error-card";
import { callsHref } from "#components/llm-calls/calls-href";
import { buttonClass } from "#components/ui/button";
import { describeNode } from "#lib/filters/edit";
import { nodesOf } from "#lib/filters/tree";
import { type CallsFilter, EVERY_CALL } from "#lib/llm-calls/address";

/** Empty because new. */
export function NoCalls() {
  return (
    <EmptyState icon={<Sparkles />} title="No model call yet" action={<Link href="/control" className={buttonClass("primary")}>Go to Pipeline Control</Link>}>
      Each time a stage asks a model, or the local analyser in its place, the question and the answer stand here with their tokens and cost.
    </EmptyState>
  );
}

/** Empty because filtered: says by what, and takes it away in one click. */
export function NoCallsFound({ filter }: { filter: CallsFilter }) {
  const conditions = nodesOf(filter.tree).map((node) => describeNode(node)).map(({ label, text }) => `${label.toLowerCase()} ${text}`);
  return (
    <EmptyState icon={<SearchX />} title="No call matches" action={<Link href={callsHref(EVERY_CALL)} className={buttonClass("primary")}>Clear filters</Link>}>
      {conditions.length > 0 ? <>No call fits all of this: {conditions.join("; ")}.</> : <>There is no call on this page any more.</>}
    </EmptyState>
  );
}

/** The database gave the question up, or is away: the filters stay in hand. */
export function CallsRefused({ filter, timedOut, message }: { filter: CallsFilter; timedOut: boolean; message: string }) {
  const again = <Link href={callsHref(filter)} className={buttonClass("primary")}>Try again</Link>;
  if (!timedOut) return <ErrorCard title="The calls could not be read" action={again}>{message}</ErrorCard>;
  return (
    <EmptyState icon={<TimerOff />} title="The search took too long" action={again}>
      The database gave it up before it had an answer; there may be calls that match. Narrow it: choose a stage, a model or a time, or ask for a call by its number, such as #123.
    </EmptyState>
  );
}
