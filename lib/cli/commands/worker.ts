import { EXIT, type Io, type Options } from "../command.ts";
import { untilStopped } from "../until-stopped.ts";

export const options = {} satisfies Options;
export const details = "Takes units from the database and runs them. Any number of workers may share a database, on any number of machines. Ctrl-C hands back what is running.";
export const environment = { WORKER_CONCURRENCY: "Units to run at a time; 4 unless said otherwise" };
export const examples = ["./penstock worker", "DATABASE_URL=postgres://… WORKER_CONCURRENCY=16 ./penstock worker"];

export async function run(io: Io): Promise<number> {
  const [{ parseEnv }, { connect }, { startWorker }] = await Promise.all([import("#lib/env"), import("#lib/db/connect"), import("#lib/worker/main")]);
  const env = parseEnv(io.env);
  const database = await connect(env);
  const worker = await startWorker({
    url: database.url,
    concurrency: env.WORKER_CONCURRENCY,
    onFatal: (error) => {
      // Crash-only: what this process still believes about its units may be wrong, so it ends on the spot.
      io.err(`The worker ends: ${error.message}\n`);
      process.exit(EXIT.failed);
    },
  });
  await untilStopped(io, `Worker ${worker.id} takes units, ${env.WORKER_CONCURRENCY} at a time`);
  await worker.stop();
  await database.release();
  return EXIT.done;
}
