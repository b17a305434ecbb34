/** A process that imports a file, to be killed by tests: `node … import-process.ts <url> <path>`. */
import { openDb } from "#lib/db/client";
import { importMailPath } from "#lib/pipelines/mail/import";

const [, , url = "", path = ""] = process.argv;
const db = openDb(url, 2);
await importMailPath({ db, actor: { kind: "cli", name: "test" } }, path);
await db.$disconnect();
