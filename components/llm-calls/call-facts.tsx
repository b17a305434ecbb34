"use client";
import Link from "next/link";
import type { ReactNode } from "react";
import { Elapsed, FullTime } from "#components/layout/clock";
import { CallCost, whyNoCost } from "#components/llm-calls/call-cost";
import { formatCount } from "#lib/format/number";
import type { CallDetail, CallRow } from "#lib/llm-calls/queries";

/** A price, with as many digits as it has. */
const perMillion = (usd: number): string => `$${Number(usd.toFixed(6))}`;

/** `1100 (1000 in, 400 of them cached; 100 out, 60 of them reasoning)`. */
export function describeTokens({ inputTokens, cachedTokens, outputTokens, reasoningTokens, totalTokens }: CallRow): string {
  if (inputTokens === null && outputTokens === null) return "not counted";
  const of = (whole: number | null, part: number | null, word: string, what: string) => `${whole === null ? "?" : formatCount(whole)} ${word}${part ? `, ${formatCount(part)} of them ${what}` : ""}`;
  return `${totalTokens === null ? "?" : formatCount(totalTokens)} (${of(inputTokens, cachedTokens, "in", "cached")}; ${of(outputTokens, reasoningTokens, "out", "reasoning")})`;
}

/** What is known of a call besides its texts. */
export function CallFacts({ call }: { call: CallDetail }) {
  const { price } = call;
  const facts: [string, ReactNode][] = [
    ["Made", <FullTime key="made" date={new Date(call.createdAt)} />],
    ["Took", <Elapsed key="took" durationMs={call.durationMs} startedAt={new Date(call.createdAt)} running={call.status === "running"} />],
    ["Model", `${call.model} at ${call.provider}`],
    ["Role", call.role],
    ...(call.template ? [["Template", <span key="t">{call.template} <span className="font-mono text-xs text-ink-soft">{call.templateVersion}</span></span>] as [string, ReactNode]] : []),
    ...(call.subject ? [["Subject", call.subject] as [string, ReactNode]] : []),
    ["Tokens", describeTokens(call)],
    ["Cost", call.costUsd === null ? whyNoCost(call) : <span key="c"><CallCost call={call} />{price && <span className="text-ink-soft"> at {perMillion(price.inputUsd)} in{price.cachedUsd === null ? "" : `, ${perMillion(price.cachedUsd)} cached`}, {perMillion(price.outputUsd)} out per million tokens, the price since <FullTime date={new Date(price.validFrom)} /></span>}</span>],
    ...(call.finishReason ? [["Ended by", call.finishReason] as [string, ReactNode]] : []),
    ["Attempt", String(call.attempt)],
    ["Run", call.runId === null ? "It was deleted; the call stays" : (
      <span key="r">
        <Link href={`/runs/${call.runId}`} className="font-mono text-accent hover:underline">#{call.runId}</Link>
        {call.stage && <> {call.pipeline} / {call.stage}</>}
        {call.stepSeq !== null && <>, step <Link href={`/runs/${call.runId}?step=${call.stepSeq}`} className="text-accent hover:underline">{call.stepName ?? call.stepSeq}</Link></>}
      </span>
    )],
  ];
  return (
    <dl className="grid grid-cols-[6rem_minmax(0,1fr)] gap-y-1.5 text-sm">
      {facts.map(([name, value]) => (
        <div key={name} className="contents"><dt className="text-ink-soft">{name}</dt><dd className="min-w-0 break-words">{value}</dd></div>
      ))}
    </dl>
  );
}
