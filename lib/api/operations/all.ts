import { ACCESS_OPERATIONS } from "./access.ts";
import { CONTROL_OPERATIONS } from "./control.ts";
import { DATA_OPERATIONS } from "./data.ts";
import type { Operation } from "./operation.ts";
import { RUN_OPERATIONS } from "./runs.ts";
import { SEED_OPERATIONS } from "./seeds.ts";

/** Every operation there is; a test walks the routes and finds each of them here, and each of these there. */
export const OPERATIONS: readonly Operation[] = [...RUN_OPERATIONS, ...CONTROL_OPERATIONS, ...DATA_OPERATIONS, ...ACCESS_OPERATIONS, ...SEED_OPERATIONS];
