/** Stage sweep: fills open orders from the bars, then starts one maintenance run for each position that is to be reviewed. */
import { z } from "zod";
import { BRIEF, defineStage, unit, wave } from "#lib/engine/define";
import { AppError } from "#lib/errors";
import { listOpen, loadAccount, markTrades } from "./broker.ts";
import { readKillSwitch, readRiskSettings } from "./desk.ts";
import { RoleModels } from "./role-models.ts";
import { asOfOf } from "./signal-data.ts";

const params = z.object({
  account: z.int().min(1).optional().describe("Number of the account; every active one without it"),
  models: RoleModels,
  asOf: z.iso.datetime({ offset: true }).optional().describe("Look at the market as it was then"),
});
type Params = z.infer<typeof params>;

export const sweep = defineStage("sweep", {
  title: "Sweep",
  manual: true,
  description: "Fills orders from new bars and starts a maintenance run for each open position",
  needs: ["signal"],
  itemsName: "positions",
  rowsName: "open positions",
  params,
  rows: async (db) => db.trade.count({ where: { closedAt: null, orderStatus: { in: ["pending", "filled"] } } }),
  waiting: async () => 0,
  plan: async function* ({ db }, { account }: Params) {
    const accounts = await db.account.findMany({ where: { isActive: true, ...(account && { id: account }) }, orderBy: { id: "asc" }, select: { id: true, name: true } });
    yield wave(accounts.map(({ id, name }) => unit(name, { accountId: id })));
  },
  unit: async (ctx, { accountId }: { accountId: number }) => {
    const account = await loadAccount(ctx.db, accountId);
    await ctx.step("positions_marked", { account_id: accountId }, async () => ({ changed_by_bars: await ctx.write((db) => markTrades(db, account, asOfOf(ctx.params))) }));
    const { active } = await ctx.step("kill_switch_check", {}, async () => ({ active: (await readKillSwitch(ctx.db)).isActive }), BRIEF);
    if (active) return ctx.outcome("HOLD", { skip: "The kill switch is on: no position was reviewed" });
    if (!(await readRiskSettings(ctx.db)).maintenanceEnabled) return ctx.outcome("HOLD", { skip: "Maintenance is switched off: no position was reviewed" });
    const eligible = await listEligible(ctx.db, accountId);
    ctx.items.total(eligible.length);
    for (const { ticket, symbol } of eligible) {
      await ctx.step("maintenance_started", { ticket }, async () => {
        try {
          const { runId } = await ctx.trigger("maintenance", { position: ticket, account: accountId, symbol, ...(ctx.params.models && { models: ctx.params.models }), ...(ctx.params.asOf && { asOf: ctx.params.asOf }) }, String(ticket));
          return { run: runId as number | null, reason: null as string | null };
        } catch (error) {
          // Its last review is still going on.
          if (error instanceof AppError && error.code === "CONFLICT") return { run: null, reason: error.message };
          throw error;
        }
      });
      ctx.items.done();
    }
  },
});

/** Open trades that let themselves be maintained: of no strategy, or of an active one with maintenance that is bound to the account. */
async function listEligible(db: Parameters<typeof listOpen>[0], accountId: number) {
  const open = (await listOpen(db, accountId)).filter(({ maintenanceEnabled }) => maintenanceEnabled);
  const bound = await db.accountStrategy.findMany({ where: { accountId, isActive: true, strategy: { isActive: true, maintenanceEnabled: true } }, select: { strategyId: true } });
  return open.filter(({ strategyId }) => strategyId === null || bound.some((one) => one.strategyId === strategyId));
}
