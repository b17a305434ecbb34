import { EXIT, type Args, type Io, type Options } from "../command.ts";

export const options = {
  only: { type: "string", choices: ["check", "unit", "e2e"], value: "phase", help: "run one phase: check (types, lint), unit (with the database), e2e (with a browser)" },
} satisfies Options;
export const details = "Runs everything that must hold: types and lint, unit and database tests on a PostgreSQL of their own, then the pages in a browser against the production build. The last line reads `N passed, N failed`.";
export const examples = ["./penstock test", "./penstock test --only unit"];

export async function run(io: Io, { values }: Args): Promise<number> {
  const { PHASES, runPhase } = await import("#lib/testing/phases");
  const phases = values.only ? PHASES.filter(({ name }) => name === values.only) : PHASES;
  const total = { passed: 0, failed: 0 };
  for (const phase of phases) {
    io.err(`\n── ${phase.name}: ${phase.what}\n`);
    const { passed, failed } = await runPhase(phase, (line) => io.err(`${line}\n`));
    total.passed += passed;
    total.failed += failed;
  }
  io.out(`${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 && total.passed > 0 ? EXIT.done : EXIT.failed;
}
