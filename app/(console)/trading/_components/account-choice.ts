import type { FilterChoice } from "#components/trading/desk-filter";
import type { Ctx } from "#lib/ctx";
import { listAccounts } from "#lib/pipelines/trading/lists";

/** Accounts that a list can be narrowed to: the newest 100, and the one it is narrowed to. */
export async function accountChoice(ctx: Ctx, account: number | undefined): Promise<FilterChoice> {
  const { rows } = await listAccounts(ctx, { limit: 100 });
  const options = rows.map(({ id, name }) => ({ value: String(id), word: `${name} (${id})` }));
  const isKnown = account === undefined || rows.some(({ id }) => id === account);
  return { name: "account", label: "Account", value: String(account ?? ""), options: isKnown ? options : [...options, { value: String(account), word: `Account ${account}` }] };
}

/** One value a key; empty is the same as absent. */
export const shownOf = (search: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(search).flatMap(([name, value]) => (typeof value === "string" && value !== "" ? [[name, value]] : [])));
