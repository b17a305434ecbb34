/**
 * What reading a program costs: memory and time for 20 MB, 200 MB and 1 GB of output.
 *   node --conditions=react-server --max-old-space-size=320 --max-semi-space-size=8 bench/programs.ts
 */
import { tmpdir } from "node:os";
import { runProgram } from "#lib/engine/program-process";

for (const megabytes of [20, 200, 1_000]) {
  let peak = 0;
  let lines = 0;
  const watch = setInterval(() => { peak = Math.max(peak, process.memoryUsage().rss / 1e6); }, 10);
  const startedAt = performance.now();
  await runProgram({
    argv: ["sh", "-c", `head -c ${megabytes}000000 /dev/zero | tr '\\0' 'x' | fold -w 99`],
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? "" },
    stdin: null,
    signal: new AbortController().signal,
    onLines: async (_, found) => { lines += found.length; },
  });
  clearInterval(watch);
  console.log(`${megabytes} MB, ${lines} lines: ${Math.round(peak)} MB at the peak, ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
}
