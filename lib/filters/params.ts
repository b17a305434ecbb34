/** The filter in the parameters of an address (address.ts), each part of it checked. */
import type { Fault } from "#lib/errors";
import { type CheckTree, readAddress } from "./address.ts";
import type { Filtered } from "./fields.ts";
import { FilterTree, foreignFault, foreignKey } from "./filter.ts";

/**
 * The filter in an address. Total: what cannot be read is left out and told as a fault, what belongs to others is passed over.
 * `printFilterParams` is its inverse.
 */
export const readFilterParams = (params: URLSearchParams, of: Filtered = "run"): { tree: FilterTree | null; faults: Fault[] } => readAddress(params, of, checkTree);

const checkTree: CheckTree = (value, of) => {
  const parsed = FilterTree.safeParse(value);
  if (!parsed.success) return { faults: parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), message })) };
  const foreign = foreignKey(parsed.data, of);
  return foreign === null ? { tree: parsed.data } : { faults: [{ path: "", message: foreignFault(foreign, of) }] };
};
