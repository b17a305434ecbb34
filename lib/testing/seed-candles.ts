/** Puts made-up daily prices into the database of PENSTOCK_HOME: `node … seed-candles.ts <first date> <weekdays> <symbol>…`. */
import { openDb } from "#lib/db/client";
import { connect } from "#lib/db/connect";
import { parseEnv } from "#lib/env";
import { makePrices, storePrices } from "./candles.ts";

const [from = "2025-01-01", days = "60", ...symbols] = process.argv.slice(2);
const database = await connect(parseEnv());
const db = openDb(database.url, 2);
try {
  await storePrices(db, makePrices(symbols.length > 0 ? symbols : ["AAA", "BBB", "CCC"], from, Number(days)));
} finally {
  await db.$disconnect();
  await database.release();
}
