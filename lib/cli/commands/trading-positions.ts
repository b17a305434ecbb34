import { formatGain, formatPrice } from "#lib/format/number";
import { formatRelative } from "#lib/format/time";
import { wholeNumber } from "../arguments.ts";
import { EXIT, type Args, type Io, type Options } from "../command.ts";
import { withCtx } from "../database.ts";
import { OUTPUT_OPTIONS, outputFormat, printRows } from "../output.ts";

export const options = {
  all: { type: "boolean", help: "closed ones too" },
  symbol: { type: "string", value: "name", help: "only of this symbol" },
  account: { type: "string", value: "number", help: "only of this account" },
  limit: { type: "string", short: "n", value: "number", help: "at most so many; 50 unless said" },
  ...OUTPUT_OPTIONS,
} as const satisfies Options;
export const details = "What is open is valued at its last imported bar. Amounts are in the account's own unit.";
export const examples = ["./penstock trading positions", "./penstock trading positions --all --symbol SAMPLE-UP", "./penstock run maintenance --param position=100001"];

export async function run(io: Io, { values }: Args<typeof options>): Promise<number> {
  const limit = values.limit === undefined ? undefined : wholeNumber("--limit", values.limit, { min: 1, max: 500 });
  const account = values.account === undefined ? undefined : wholeNumber("--account", values.account, { min: 1, max: 2_147_483_647 });
  return withCtx(io, async (ctx) => {
    const { listTrades, TradesRequest } = await import("#lib/pipelines/trading/lists");
    const { rows } = await listTrades(ctx, TradesRequest.parse({ limit, account, symbol: values.symbol, ...(!values.all && { state: "open" }) }));
    const now = io.now();
    printRows(io, outputFormat(values), rows, {
      id: ({ ticket }) => String(ticket),
      empty: values.all ? "No trade yet. ./penstock run signal analyses a symbol." : "Nothing is open.",
      columns: [
        { header: "Ticket", align: "right", print: ({ ticket }) => String(ticket) },
        { header: "Account", print: ({ account }) => account },
        { header: "Symbol", print: ({ symbol, timeframe }) => `${symbol} ${timeframe}` },
        { header: "Side", print: ({ direction }) => direction },
        { header: "State", print: ({ closedAt, orderStatus, closeReason }) => (closedAt === null ? (orderStatus === "pending" ? "pending" : "open") : orderStatus === "filled" ? (closeReason?.replaceAll("_", " ") ?? "closed") : orderStatus) },
        { header: "Volume", align: "right", print: ({ volume }) => String(volume) },
        { header: "Entry", align: "right", print: ({ entryPrice }) => formatPrice(entryPrice) },
        { header: "SL", align: "right", print: ({ stopLoss }) => (stopLoss === null ? "–" : formatPrice(stopLoss)) },
        { header: "TP", align: "right", print: ({ takeProfit }) => (takeProfit === null ? "–" : formatPrice(takeProfit)) },
        { header: "Profit", align: "right", print: ({ profit, unrealised }) => { const amount = profit ?? unrealised; return amount === null ? "–" : formatGain(amount); } },
        { header: "Opened", print: ({ openedAt }) => formatRelative(openedAt, now) },
        { header: "Run", align: "right", print: ({ runIds }) => (runIds[0] === undefined ? "–" : `#${runIds[0]}`) },
      ],
    });
    return EXIT.done;
  });
}
