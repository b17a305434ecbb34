import { X } from "lucide-react";
import Link from "next/link";
import { StatusMark } from "#components/runs/status-mark";
import { HiddenPayload } from "#components/ui/hidden-payload";
import { Section } from "#components/ui/section";
import { ACTION_WORDS } from "#lib/backtests/fields";
import type { ModelDay, SimulatedDay, Talk } from "#lib/backtests/queries";
import { formatCount } from "#lib/format/number";
import { money, signed } from "../../_components/amounts";

type DayProps = { jobId: string; date: string; model: string; detail: ModelDay | undefined; day: SimulatedDay | undefined; talk: Talk | undefined; /** What was said is not for this reader. */ isHidden: boolean; others: SimulatedDay[] };

const tradesOf = (day: SimulatedDay): string =>
  day.positions.filter(({ actionType }) => actionType !== "no_trade").map(({ actionType, quantity, symbol, price }) => `${ACTION_WORDS[actionType].toLowerCase()} ${quantity} ${symbol} at ${money(price)}`).join(", ") || "no trade";

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

/** One model-day: what was decided and why, what was traded and held; and what the others did that day. */
export function DayPanel({ jobId, date, model, detail, day, talk, isHidden, others }: DayProps) {
  return (
    <Section title={`${model} on ${date}`} actions={<Link href={`/backtests/${jobId}`} scroll={false} aria-label="Close the day" className="inline-flex size-8 items-center justify-center rounded-md hover:bg-hover"><X aria-hidden className="size-4" /></Link>}>
      <div className="grid gap-x-8 gap-y-4 px-4 pb-4 sm:px-6 lg:grid-cols-2">
        <div className="min-w-0">
          {detail ? <StatusMark status={detail.status} /> : <p className="text-ink-soft">This job has no such day.</p>}
          {detail?.error && <p className="mt-1 break-words text-failed">{detail.error}</p>}
          {day && (
            <>
              <p className="mt-2 text-lg break-words">{day.summary || "It said nothing."}</p>
              <dl className="mt-2 grid grid-cols-2 gap-x-6 gap-y-1 text-sm sm:grid-cols-3">
                <Fact name="Value">{money(day.endingValue)}</Fact>
                <Fact name="Since the day before">{signed(day.dailyReturnPercent)}</Fact>
                <Fact name="Cash">{money(day.startingCash)} → {money(day.endingCash)}</Fact>
                <Fact name="Trades">{tradesOf(day)}</Fact>
                <Fact name="Holds">{day.holdings.map(({ symbol, quantity }) => `${formatCount(quantity)} ${symbol}`).join(", ") || "nothing"}</Fact>
                <Fact name="Tools">{talk?.tools.map(({ toolName, calls, refused }) => `${toolName} ${calls}${refused > 0 ? ` (${refused} refused)` : ""}`).join(", ") || "none"}</Fact>
              </dl>
              {day.supersededAt && <p className="mt-2 text-sm text-partial">A later job has put another day in the place of this one: it is history, and counts no more.</p>}
            </>
          )}
          {detail?.status === "pending" && <p className="mt-1 text-ink-soft">It waits for the dates before it.</p>}
        </div>
        {isHidden && <HiddenPayload label="What the model said" />}
        {talk && talk.said.length > 0 && (
          <div className="min-w-0">
            <h3 className="mb-1 text-sm font-semibold">Session</h3>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
            <ol tabIndex={0} aria-label="What was said" className="max-h-80 overflow-auto rounded-md border bg-surface text-sm">
              {talk.said.map(({ stepNumber, role, content, toolName }) => (
                <li key={stepNumber} className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-2 border-t px-3 py-1.5 first:border-t-0">
                  <span className="truncate text-ink-soft">{role === "tool" ? toolName : role}</span>
                  <span className={role === "tool" ? "font-mono text-xs break-words whitespace-pre-wrap" : "break-words whitespace-pre-wrap"}>{content}</span>
                </li>
              ))}
            </ol>
          </div>
        )}
      </div>
      {others.length > 1 && (
        <div className="px-4 pb-4 sm:px-6">
          <h3 className="mb-1 text-sm font-semibold">Every model on {date}</h3>
          <ul className="text-sm">
            {others.map((other) => (
              <li key={other.id} className="grid gap-x-4 border-t py-1 sm:grid-cols-[10rem_6rem_minmax(0,1fr)]">
                <Link href={`/backtests/${jobId}?date=${date}&model=${encodeURIComponent(other.model)}`} scroll={false} prefetch={false} className="text-accent hover:underline">{other.model}</Link>
                <span>{signed(other.dailyReturnPercent)}</span>
                <span className="break-words text-ink-soft">{sentence(tradesOf(other))} {other.summary}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Section>
  );
}

const Fact = ({ name, children }: { name: string; children: React.ReactNode }) => (
  <div className="min-w-0">
    <dt className="text-xs text-ink-soft">{name}</dt>
    <dd className="break-words">{children}</dd>
  </div>
);
