"use client";
import { useEffect, useState } from "react";
import { FullTime } from "#components/layout/clock";
import { type Answer, readData } from "#components/layout/read-data";
import { Button } from "#components/ui/button";
import { HiddenPayload } from "#components/ui/hidden-payload";
import { JsonDiffView } from "#components/ui/json-diff-view";
import { JsonView } from "#components/ui/json-view";
import { Skeleton } from "#components/ui/skeleton";
import type { StepIo as Io } from "#lib/trace/queries";

/** Characters of an input or output that the page asks for; more is to be downloaded. 2 MB of ASCII. */
const ASKED_MAX = 2_000_000;

type Place = { runId: number; seq: number };
type Against = "attempt" | "run" | null;

/** What a step was given and what it gave; and what of it is not as it was in the attempt, or in the run, before. */
export function StepIo({ step }: { step: Place & { previousAttempt: Place | null; previousRun: Place | null } }) {
  const { io, isHidden, fault, retry } = useIo(step);
  const [against, setAgainst] = useState<Against>(null);
  const other = against === "attempt" ? step.previousAttempt : against === "run" ? step.previousRun : null;

  if (isHidden) return <HiddenPayload label="Input and output" />;
  if (fault) {
    return (
      <p role="alert" className="flex flex-wrap items-center gap-2 text-failed">
        {fault}
        <Button size="sm" onClick={retry}>Try again</Button>
      </p>
    );
  }
  if (!io) return <Skeleton className="h-24 w-full" />;
  return (
    <div className="flex flex-col gap-3">
      {(step.previousAttempt || step.previousRun) && (
        <fieldset aria-label="Compare with" className="flex min-w-0 flex-wrap items-center gap-1 text-sm">
          <span className="text-ink-soft">Compare with</span>
          {step.previousAttempt && (
            <Button size="sm" aria-pressed={against === "attempt"} look={against === "attempt" ? "primary" : "plain"} onClick={() => setAgainst(against === "attempt" ? null : "attempt")}>
              Attempt before
            </Button>
          )}
          {step.previousRun && (
            <Button size="sm" aria-pressed={against === "run"} look={against === "run" ? "primary" : "plain"} onClick={() => setAgainst(against === "run" ? null : "run")}>
              Run #{step.previousRun.runId}
            </Button>
          )}
        </fieldset>
      )}
      {other ? <IoDiff now={io} other={other} otherName={against === "run" ? `Run #${other.runId}` : "Attempt before"} /> : <IoSides place={step} io={io} />}
    </div>
  );
}

function IoSides({ place, io }: { place: Place; io: Io }) {
  return (["input", "output"] as const).map((side) => {
    const text = io[side];
    const bytes = side === "input" ? io.inputBytes : io.outputBytes;
    const label = side === "input" ? "Input" : "Output";
    if (text === null) return <p key={side} className="text-sm text-ink-soft"><span className="text-xs font-semibold">{label}</span> · {io.prunedAt ? <>removed by retention on <FullTime date={new Date(io.prunedAt)} />.</> : "none was recorded."}</p>;
    const href = `/api/v1/runs/${place.runId}/steps/${place.seq}/io/${side}`;
    return <JsonView key={side} label={label} of={`step ${place.seq}`} text={text} href={href} cutFrom={io.isCut && text.length >= ASKED_MAX ? bytes : undefined} />;
  });
}

/** The differences between two steps' input and output. The older stands left. */
export function IoDiff({ now, other, otherName, nowName = "This step" }: { now: Io; other: Place; otherName: string; nowName?: string }) {
  const { io: before, fault, retry } = useIo(other);
  if (fault) {
    return (
      <p role="alert" className="flex flex-wrap items-center gap-2 text-sm text-failed">
        {fault}
        <Button size="sm" onClick={retry}>Try again</Button>
      </p>
    );
  }
  if (!before) return <Skeleton className="h-16 w-full" />;
  return (["input", "output"] as const).map((side) => <JsonDiffView key={side} label={side === "input" ? "Input" : "Output"} before={before[side]} after={now[side]} beforeName={otherName} afterName={nowName} />);
}

/** Input and output of a step, asked for when somebody looks: lists never carry them. */
export function useIo({ runId, seq }: Place): { io: Io | null; isHidden: boolean; fault: string | null; retry: () => void } {
  const [found, setFound] = useState<{ at: string; answer: Answer<Io> } | null>(null);
  const [tries, setTries] = useState(0);
  const at = `${runId}/${seq}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the tries say when to read, not what
  useEffect(() => {
    const leaving = new AbortController();
    void readData<Io>(`/api/v1/runs/${runId}/steps/${seq}/io?max=${ASKED_MAX}`, { signal: leaving.signal }).then((answer) => {
      if (!leaving.signal.aborted) setFound({ at: `${runId}/${seq}`, answer });
    });
    return () => leaving.abort();
  }, [runId, seq, tries]);

  const answer = found?.at === at ? found.answer : null;
  return { io: answer?.ok ? answer.data : null, isHidden: answer?.ok === false && answer.isHidden === true, fault: answer && !answer.ok ? answer.message : null, retry: () => setTries(tries + 1) };
}
