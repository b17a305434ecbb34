/**
 * The web server's own door with the routes under `app/api` behind it, in a process of its own: everything of `./penstock web`
 * but the pages, so that it needs no build. Says where it is; at each line of input, how much memory it has ever had, in kB.
 */
import { createInterface } from "node:readline";
import { answerApi } from "#lib/testing/api-server";
import { serveWeb } from "#lib/web/server";

const server = await serveWeb({ host: "127.0.0.1", port: 0, dev: false, load: async () => ({ handle: answerApi, upgrade: async () => {}, close: async () => {} }) });
console.log(server.url);
for await (const _ of createInterface({ input: process.stdin })) console.log(String(process.resourceUsage().maxRSS));
await server.close();
process.exit(0);
