/** The seed's endpoint for agent runs: its shapes, its parameters, and its refusals. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { listAgentRuns, getAgentRun } from "#lib/pipelines/trading/agent-runs";
import type { TestDatabase } from "#lib/testing/database";
import { makeAccount, openDesk, runStage } from "#lib/testing/trading";
import { parseAgentRunId, parseAgentRuns } from "./agent-runs.ts";

let database: TestDatabase;
let account: number;
const ids: Record<string, number> = {};
beforeAll(async () => {
  database = await openDesk();
  const { ctx, db } = database;
  account = await makeAccount(ctx);
  await db.strategy.create({ data: { name: "Agents", newsFilter: false, executionMode: "multi_agent", accounts: { create: { accountId: account } } } });
  const bought = await runStage(ctx, "signal", { account, symbol: "AAPL", asOf: "2017-03-15T00:00:00Z", strategy: "Agents" });
  const { ticket } = await db.trade.findFirstOrThrow({ where: { accountId: account } });
  const reviewed = await runStage(ctx, "maintenance", { position: Number(ticket), asOf: "2017-03-20T00:00:00Z" });
  const runs = { bought, reviewed, held: await runStage(ctx, "signal", { account, symbol: "AAPL", asOf: "2018-01-29T00:00:00Z" }), failed: await runStage(ctx, "signal", { account: 77, symbol: "AAPL" }) };
  for (const [name, run] of Object.entries(runs)) ids[name] = Number(run.id);
});
afterAll(() => database.drop());

const list = async (query: string) => {
  const { runs, total } = await listAgentRuns(database.ctx, parseAgentRuns(new URLSearchParams(query)));
  return { ids: runs.map(({ id }) => id), total };
};

test("a list has the seed's columns, newest first", async () => {
  const { runs, total } = await listAgentRuns(database.ctx, parseAgentRuns(new URLSearchParams()));
  expect(total).toBe(4);
  expect(runs.map(({ id }) => id)).toEqual([ids.failed, ids.held, ids.reviewed, ids.bought]);
  expect(runs.at(-1)).toEqual({ id: ids.bought, account_id: account, symbol: "AAPL", timeframe: "D1", status: "completed", final_action: "BUY", total_duration_ms: expect.any(Number), journal_id: expect.any(Number), trade_id: expect.any(Number), task_type: "signal", strategy_name: "Agents", created_at: expect.any(Date) });
  // Its account does not exist, so there is no row of the trading table; the parameters say what was asked for.
  expect(runs[0]).toMatchObject({ account_id: 77, symbol: "AAPL", status: "failed", final_action: null, journal_id: null });
});

test("each parameter narrows, and the total follows", async () => {
  const cases: [string, (number | undefined)[]][] = [
    [`account_id=${account}`, [ids.held, ids.reviewed, ids.bought]], ["account_id=77", [ids.failed]], ["symbol=aapl", []], ["symbol=AAPL&task_type=signal", [ids.failed, ids.held, ids.bought]],
    ["status=hold", [ids.held]], ["status=failed", [ids.failed]], ["status=nonsense", []], ["status=running", []], ["task_type=maintenance", [ids.reviewed]], ["final_action=BUY", [ids.bought]],
    ["strategy_name=Agents", [ids.reviewed, ids.bought]], ["created_after=2999-01-01", []], ["created_before=2999-01-01T00:00:00Z&final_action=HOLD&task_type=signal", [ids.held]],
  ];
  for (const [query, wanted] of cases) expect(await list(query), query).toEqual({ ids: wanted, total: wanted.length });
  expect(await list("limit=1&offset=1")).toEqual({ ids: [ids.held], total: 4 });
});

test("what is not right is refused with 422, an unknown run with 404", async () => {
  for (const query of ["task_type=other", "limit=0", "limit=-1", "limit=201", "limit=x", "offset=-1", "account_id=me", "created_after=yesterday", "symbol=%00"]) {
    expect(() => parseAgentRuns(new URLSearchParams(query)), query).toThrow(expect.objectContaining({ code: "MISMATCH" }));
  }
  expect(() => parseAgentRunId("1x")).toThrow(expect.objectContaining({ code: "MISMATCH" }));
  await expect(getAgentRun(database.ctx, 999_999)).rejects.toMatchObject({ code: "NOT_FOUND", message: "Pipeline run not found" });
});

test("one run comes with its steps by number", async () => {
  const { run, steps } = await getAgentRun(database.ctx, ids.bought ?? 0);
  expect(run).toMatchObject({ id: ids.bought, status: "completed" });
  expect(steps.map(({ seq }) => seq)).toEqual(steps.map((_, index) => index + 1));
  expect(Object.keys(steps[0] ?? {})).toEqual(["id", "run_id", "seq", "step_name", "status", "input_json", "output_json", "error", "duration_ms"]);
  expect(steps[0]).toMatchObject({ run_id: ids.bought, step_name: "account_loaded", status: "ok", input_json: JSON.stringify({ account_id: account }) });
});
