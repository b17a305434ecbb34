import { adoptConsole, log } from "#lib/log";
import { sayStaysStopped } from "#lib/supervisor/child";
import { EXIT, type Io, type Options } from "../command.ts";
import { untilStopped } from "../until-stopped.ts";

export const options = {} satisfies Options;
export const details = "Takes units from the database and runs them. Any number of workers may share a database, on any number of machines. Ctrl-C hands back what is running. At night it removes what retention does not keep.";
export const environment = {
  WORKER_CONCURRENCY: "Units to run at a time; 4 unless said otherwise",
  PENSTOCK_METRICS_PORT: "Where it answers /healthz, /readyz and /metrics; nowhere unless set",
  HOST: "On which address it does; 127.0.0.1 unless said otherwise",
  PENSTOCK_RETENTION_DAYS: "Days that runs are kept, 0 for ever; wins over the settings",
  PENSTOCK_PAYLOAD_DAYS: "Days that payloads are, 0 as long as the run; wins over the settings",
  PENSTOCK_AUDIT_DAYS: "Days that the audit log is, 0 for ever; wins over the settings",
};
export const examples = ["./penstock worker", "DATABASE_URL=postgres://… WORKER_CONCURRENCY=16 ./penstock worker"];

export async function run(io: Io): Promise<number> {
  const [{ parseEnv }, { connect, DATABASE_PATIENCE_MS }, { openDb }, { startWorker }, { serveProbe }, { getKeep }] = await Promise.all([import("#lib/env"), import("#lib/db/connect"), import("#lib/db/client"), import("#lib/worker/main"), import("#lib/worker/probe"), import("#lib/settings/queries")]);
  const env = parseEnv(io.env);
  const database = await connect(env, process.channel ? DATABASE_PATIENCE_MS : 0);
  // Known to the log by it: the password of an embedded server is in no other variable.
  process.env.DATABASE_URL = database.url;
  if (!io.errIsTty) adoptConsole();
  const worker = await startWorker({
    url: database.url,
    concurrency: env.WORKER_CONCURRENCY,
    keep: (ctx) => getKeep(ctx, env),
    onFatal: (error) => {
      // Crash-only: what this process still believes about its units may be wrong, so it ends on the spot.
      log.error(`The worker ends: ${error.message}`, { error });
      process.exit(EXIT.failed);
    },
  });
  const probeDb = env.PENSTOCK_METRICS_PORT === undefined ? null : openDb(database.url, 1);
  const probe = probeDb && (await serveProbe({ host: env.HOST, port: env.PENSTOCK_METRICS_PORT ?? 0, openDb: () => probeDb, state: worker.state }));
  if (probe) log.info(`Worker ${worker.id} answers monitoring at ${probe.url}`, { worker: worker.id });
  const drained = worker.drained.then(() => sayStaysStopped());
  await Promise.race([drained, untilStopped(io, `Worker ${worker.id} takes units, ${env.WORKER_CONCURRENCY} at a time`)]);
  await worker.stop();
  await probe?.close();
  await probeDb?.$disconnect();
  await database.release();
  log.info("The worker has stopped", { worker: worker.id });
  return EXIT.done;
}
