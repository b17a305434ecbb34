import { resolve } from "node:path";

/** The folder of the checkout. Every process of ours is started in it by `./penstock`. */
export const ROOT = resolve(/*turbopackIgnore: true*/ process.env.PENSTOCK_ROOT ?? process.cwd());
