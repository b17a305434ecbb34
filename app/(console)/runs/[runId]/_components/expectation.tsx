"use client";
import { useNow } from "#components/layout/clock";
import { describeExpectation, type ExpectedDuration, lateByMs } from "#lib/baseline/rules";

/** How long runs of this stage usually take, and by how much this one is late. */
export function Expectation({ expected, startedAt }: { expected: ExpectedDuration; startedAt: Date }) {
  const elapsedMs = useNow() - startedAt.getTime();
  const isLate = lateByMs(expected, elapsedMs) >= 1_000;
  return (
    <p className={isLate ? "mt-1 text-sm font-medium text-partial" : "mt-1 text-sm text-ink-soft"} title={`From the last ${expected.runs} completed runs: their median and 95th percentile`}>
      {describeExpectation(expected, elapsedMs).replace(/^u/, "U")}
    </p>
  );
}
