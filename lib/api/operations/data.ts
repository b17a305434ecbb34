import { z } from "zod";
import { EventsRequest, MailImportRequest, NewsImportRequest, PriceImportRequest } from "#lib/api/bodies";
import { ActivityRequest } from "#lib/api/inputs";
import { SummaryRequest } from "#lib/api/llm-calls";
import { all, CountedPage, CountShape, Facets, list, one } from "#lib/api/shapes/basics";
import { Activity, Made } from "#lib/api/shapes/control";
import { Account, Agents, Import, Imported, JournalEntry, KillSwitch, News, NewsImported, PricesImported, SampleDesk, Strategy, Trade } from "#lib/api/shapes/desk";
import { Call, CallWhole, LlmPrice, Prompt, PromptWhole, Sums, Usage, UsageGroup, UsagePoint } from "#lib/api/shapes/llm";
import { AddPriceInput } from "#lib/llm-prices/mutations";
import { UsageRequest } from "#lib/llm-usage/queries";
import { SetAgentSwitchInput, SetKillSwitchInput } from "#lib/pipelines/trading/desk";
import { JournalRequest, NewsRequest, PlainRequest, TradesRequest } from "#lib/pipelines/trading/lists";
import { CallFilterQuery, CallListQuery, FILES, RunFilterQuery } from "./list-params.ts";
import { CallPath, type Operation, PromptPath } from "./operation.ts";

const LLM: Operation[] = [
  { method: "get", path: "/api/v1/llm-calls", tag: "LLM calls", summary: "List model calls", permission: "runs.read", query: CallListQuery, answer: z.object({ data: z.array(Call), page: CountedPage }), errors: ["MISMATCH"] },
  { method: "get", path: "/api/v1/llm-calls/count", tag: "LLM calls", summary: "Count model calls", permission: "runs.read", query: CallFilterQuery, answer: one(CountShape), errors: ["MISMATCH"] },
  { method: "get", path: "/api/v1/llm-calls/facets", tag: "LLM calls", summary: "List the values of a field among the newest calls that match", permission: "runs.read", query: CallFilterQuery.extend({ field: z.string().meta({ examples: ["model"] }) }), answer: one(Facets), errors: ["MISMATCH"] },
  { method: "get", path: "/api/v1/llm-calls/export", tag: "LLM calls", summary: "Export every call that matches, without its texts", permission: ["runs.export", "runs.read"], query: CallFilterQuery.extend(FILES), answer: "application/octet-stream", errors: ["MISMATCH"] },
  { method: "get", path: "/api/v1/llm-calls/{id}", tag: "LLM calls", summary: "Show a model call with its texts", permission: "runs.read", description: "Its texts are null for whoever may not read payloads.", params: CallPath, answer: one(CallWhole), errors: ["NOT_FOUND"] },
  { method: "get", path: "/api/v1/llm-usage", tag: "LLM calls", summary: "Add up model calls: total, groups and series", permission: "runs.read", query: UsageRequest, answer: one(Usage) },
  { method: "get", path: "/api/v1/llm-usage/by-model", tag: "LLM calls", summary: "Add up model calls by model", permission: "runs.read", query: UsageRequest, answer: all(UsageGroup) },
  { method: "get", path: "/api/v1/llm-usage/timeseries", tag: "LLM calls", summary: "Add up model calls by day or hour", permission: "runs.read", query: UsageRequest, answer: all(UsagePoint) },
  { method: "get", path: "/api/v1/llm-usage/summary", tag: "LLM calls", summary: "Add up a day, a week or a month of model calls by provider", permission: "runs.read", query: SummaryRequest, answer: one(summary()) },
  { method: "get", path: "/api/v1/llm-usage/pricing", tag: "LLM calls", summary: "List the prices that hold now", permission: "runs.read", answer: all(LlmPrice) },
  { method: "get", path: "/api/v1/llm-prices", tag: "LLM calls", summary: "List every price there has been", permission: "runs.read", answer: all(LlmPrice) },
  { method: "post", path: "/api/v1/llm-prices", tag: "LLM calls", summary: "Enter a price", description: "US dollars per million tokens, from now on or from `validFrom`.", permission: "settings.change", body: { schema: AddPriceInput, example: { model: "gpt-5-mini", inputUsd: 0.25, outputUsd: 2 } }, status: 201, answer: one(Made), errors: ["CONFLICT"] },
  { method: "get", path: "/api/v1/llm-prompts", tag: "LLM calls", summary: "List prompts, with what each version was used for", permission: "runs.read", answer: all(Prompt) },
  { method: "get", path: "/api/v1/llm-prompts/{name}", tag: "LLM calls", summary: "Show a prompt with what each of its versions said", description: "A text is null where it was last asked with before texts were kept.", permission: "runs.read", params: PromptPath, answer: one(PromptWhole), errors: ["NOT_FOUND"] },
];

const TRADING: Operation[] = [
  { method: "get", path: "/api/v1/trading/kill-switch", tag: "Trading", summary: "Show the kill switch with its last turns", permission: "runs.read", answer: one(KillSwitch) },
  { method: "put", path: "/api/v1/trading/kill-switch", tag: "Trading", summary: "Halt all trading, or let it go on", permission: "trading.control", body: { schema: SetKillSwitchInput, example: { isActive: true, reason: "news at 14:30" } }, answer: one(KillSwitch) },
  { method: "get", path: "/api/v1/trading/agents", tag: "Trading", summary: "Tell which agents take part", permission: "runs.read", answer: one(Agents) },
  { method: "put", path: "/api/v1/trading/agents", tag: "Trading", summary: "Switch an agent on or off", permission: "trading.control", body: { schema: SetAgentSwitchInput, example: { agent: "trend_agent", isEnabled: false } }, answer: one(Agents) },
  { method: "get", path: "/api/v1/trading/journal", tag: "Trading", summary: "List what was decided and why", permission: "runs.read", query: JournalRequest, answer: list(JournalEntry) },
  { method: "get", path: "/api/v1/trading/trades", tag: "Trading", summary: "List trades, open ones first", permission: "runs.read", query: TradesRequest, answer: list(Trade) },
  { method: "get", path: "/api/v1/trading/accounts", tag: "Trading", summary: "List accounts with their balance", permission: "runs.read", query: PlainRequest, answer: list(Account) },
  { method: "get", path: "/api/v1/trading/strategies", tag: "Trading", summary: "List strategies", permission: "runs.read", query: PlainRequest, answer: list(Strategy) },
  { method: "get", path: "/api/v1/trading/news", tag: "Trading", summary: "List headlines, the newest first", permission: "runs.read", query: NewsRequest, answer: list(News) },
];

const IMPORTS: Operation[] = [
  { method: "get", path: "/api/v1/pipelines/mail/imports", tag: "Imports", summary: "List imports of mail", permission: "runs.read", answer: all(Import) },
  { method: "post", path: "/api/v1/pipelines/mail/imports", tag: "Imports", summary: "Import mail", description: "Parsed while it arrives. Sending it again goes on where a broken transfer ended.", permission: "imports.run", query: MailImportRequest, body: { media: "application/octet-stream", description: "The archive itself: an .mbox file or one .eml message." }, status: 201, answer: one(Imported) },
  { method: "post", path: "/api/v1/pipelines/mail/imports/sample", tag: "Imports", summary: "Load the sample archive; a second time changes nothing", permission: "imports.run", status: 201, answer: one(Imported) },
  { method: "post", path: "/api/v1/pipelines/trading/imports", tag: "Imports", summary: "Import prices", description: "Bad lines are named in the answer.", permission: "imports.run", query: PriceImportRequest, body: { media: "text/csv", description: "The CSV file itself." }, status: 201, answer: one(PricesImported) },
  { method: "post", path: "/api/v1/pipelines/trading/imports/news", tag: "Imports", summary: "Import headlines", description: "Each is there once; bad lines are named in the answer.", permission: "imports.run", query: NewsImportRequest, body: { media: "text/csv", description: "The CSV file itself: a header line such as `Date,Symbol,Title,Impact,Source`." }, status: 201, answer: one(NewsImported) },
  { method: "post", path: "/api/v1/pipelines/trading/imports/sample", tag: "Imports", summary: "Set up the sample desk; a second time changes nothing", permission: "imports.run", status: 201, answer: one(SampleDesk) },
];

const LIVE: Operation[] = [
  {
    method: "get", path: "/api/v1/events", tag: "Live", summary: "Follow what happens", description: "Server-sent events. `Last-Event-ID`, or `lastEventId`, replays what was missed; `run` keeps to one run.",
    permission: "runs.read", query: EventsRequest, answer: "text/event-stream",
  },
  { method: "get", path: "/api/v1/activity", tag: "Live", summary: "List what happened, newest first", description: "With the filter of the run list. `page.newest` is the `after` with which to ask for what comes later.", permission: "runs.read", query: RunFilterQuery.extend(ActivityRequest.shape), answer: list(Activity), errors: ["MISMATCH"] },
];

export const DATA_OPERATIONS: Operation[] = [...LLM, ...TRADING, ...IMPORTS, ...LIVE];

function summary() {
  return z.looseObject({ period: z.enum(["day", "week", "month"]), from: z.iso.datetime(), to: z.iso.datetime(), total: Sums, providers: z.array(Sums.loose()) }).meta({ examples: [{ period: "month", from: "2026-02-01T00:00:00.000Z", to: "2026-03-02T10:00:00.000Z", total: { calls: 0, failed: 0, cancelled: 0, priced: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0, costUsd: 0, durationMs: 0 }, providers: [] }] });
}
