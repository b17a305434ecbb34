/** A stage that runs a program in any language: an ordinary stage whose unit is a process. Cheap to import, as pages do. */
import { z } from "zod";
import { defineStage, type Stage, unit, wave } from "./define.ts";

export type ProgramInput = "args" | "stdin";

/** What it takes to run the program of one unit. */
export type Program = {
  /** The program and its first arguments; never read by a shell. */
  argv: readonly [string, ...string[]];
  cwd: string;
  /** How it is given its parameters: `--name=value` each, or all of them as one JSON object on standard input. */
  input: ProgramInput;
  /** Variables of the worker that it may see besides PATH, HOME, LANG and TZ. */
  env: readonly string[];
};

type Optional = "itemsName" | "rowsName" | "needs" | "description";
export type ProgramStage<S extends z.ZodObject> = Omit<Stage<z.infer<S>>, "name" | "params" | "plan" | "unit" | "settle" | "program" | "snapshot" | Optional> &
  Partial<Pick<Stage, Optional>> & {
    params?: S;
    run: readonly [string, ...string[]];
    cwd: string;
    input?: ProgramInput;
    env?: readonly string[];
    /** The units, by name, which the program finds in PENSTOCK_UNIT; they run in parallel. One, named like the stage, unless told. */
    units?: readonly string[] | ((params: z.infer<S>) => readonly string[]);
  };

/** With these somebody could put code of their own into the program, or into the shell that guards it. */
const REFUSED_ENV = /^(LD_.*|DYLD_.*|BASH_FUNC_.*|NODE_OPTIONS|BASH_ENV|ENV|IFS|PS4|SHELLOPTS|BASHOPTS|PERL5OPT|PERL5DB|RUBYOPT|PYTHONSTARTUP|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS)$/;

/** Why a variable may not be on a stage's list; null when it may. */
export function refuseEnv(name: string): string | null {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(name)) return "is no name of a variable";
  if (REFUSED_ENV.test(name)) return "is refused: it lets others put code into the program";
  if (/^PENSTOCK_(RUN_ID|UNIT|ATTEMPT|IDEMPOTENCY_KEY)$/.test(name)) return "is given to every program anyway";
  return null;
}

/**
 * Declares a stage that runs a program.
 *
 * @throws Error on the first fault; it is the author's, and stops the process at start.
 */
export function defineProgramStage<S extends z.ZodObject = z.ZodObject<Record<never, never>>>(name: string, { run, cwd, input = "args", env = [], units, ...stage }: ProgramStage<S>): Stage {
  for (const variable of env) {
    const fault = refuseEnv(variable);
    if (fault) throw new Error(`Stage ${name}: ${variable} ${fault}.`);
  }
  const program: Program = { argv: run, cwd, input, env };
  const namesOf = typeof units === "function" ? units : () => units ?? [name];
  return defineStage(name, {
    description: "",
    itemsName: "items",
    rowsName: "rows",
    ...stage,
    params: (stage.params ?? z.object({})) as S,
    program: commandLine(run),
    snapshot: () => ({ program: commandLine(run) }),
    plan: async function* (_, params) {
      yield wave([...new Set(namesOf(params))].map((unitName) => unit(unitName, { unit: unitName })));
    },
    unit: async (ctx, input: { unit: string }) => {
      const { runProgramUnit } = await import("./program-unit.ts");
      return runProgramUnit(ctx, program, input.unit);
    },
  });
}

/** For people to read: words with more than letters in them are quoted. */
const commandLine = (argv: readonly string[]): string => argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
