import { AppError, ERROR_CODES, messageOf } from "#lib/errors";
import { parseCommandLine } from "./arguments.ts";
import { COMMAND_NAMES, COMMANDS, verbsOf } from "./commands.ts";
import { EXIT, type Io } from "./command.ts";
import { commandHelp, generalHelp, HELP_OPTION, nounHelp } from "./help.ts";
import { Interrupted, processIo } from "./io.ts";
import { refuseRemote } from "./remote.ts";
import { paint } from "./style.ts";
import { didYouMean } from "./suggest.ts";

/**
 * Runs one command line and says how it ended.
 *
 * @param argv what follows `./penstock`
 * @returns the exit code; nothing is thrown
 */
export async function runCommandLine(io: Io, argv: string[]): Promise<number> {
  try {
    return await dispatch(io, argv);
  } catch (error) {
    return await explain(io, error);
  }
}

/** The process: standard streams, signals, exit. Ends the process once standard output has been taken. */
export async function main(argv: string[]): Promise<never> {
  const io = processIo(process);
  const code = await runCommandLine(io, argv);
  return io.exit(code);
}

async function dispatch(io: Io, argv: string[]): Promise<number> {
  const [first, second] = argv;
  if (first === undefined || first === "--help" || first === "-h" || (first === "help" && second === undefined)) {
    // Asked for, it is a result; in place of a command, it is an explanation.
    if (first !== undefined) io.out(generalHelp());
    else io.err(generalHelp());
    return first === undefined ? EXIT.misused : EXIT.done;
  }
  if (first === "--version" || first === "-v" || first === "version") {
    const { VERSION } = await import("#lib/version");
    io.out(`${VERSION}\n`);
    return EXIT.done;
  }
  if (first === "help") return dispatch(io, [...argv.slice(1), "--help"]);
  const [name, rest] = findCommand(argv);
  const wantsHelp = upToDoubleDash(rest).some((arg) => arg === "--help" || arg === "-h");
  const entry = COMMANDS[name];
  if (!entry) {
    if (!wantsHelp) throw new AppError("INVALID", `./penstock ${name} wants a verb: ${verbsOf(name).join(", ")}.`);
    io.out(nounHelp(name));
    return EXIT.done;
  }
  const command = await entry.load();
  if (wantsHelp) {
    io.out(commandHelp(name, command));
    return EXIT.done;
  }
  if (!entry.overNetwork) refuseRemote(io.env, `./penstock ${name}`);
  // Before anything else looks at the pipelines; most machines have none of their own, and shall not wait for the reader.
  if (io.env.PENSTOCK_PIPELINES) await (await import("#lib/pipelines/registry")).declarePipelines(io.env.PENSTOCK_PIPELINES);
  return await command.run(io, parseCommandLine(name, { ...command, options: { ...command.options, help: HELP_OPTION } }, rest));
}

/**
 * The command's name, or a noun alone, and what follows.
 *
 * @throws AppError INVALID with the nearest name
 */
function findCommand(argv: string[]): [name: string, rest: string[]] {
  const [first = "", second] = argv;
  // `run backtest` is a command of its own beside `run`.
  if (second !== undefined && Object.hasOwn(COMMANDS, `${first} ${second}`)) return [`${first} ${second}`, argv.slice(2)];
  if (Object.hasOwn(COMMANDS, first)) return [first, argv.slice(1)];
  const verbs = verbsOf(first);
  if (verbs.length > 0) {
    if (second === undefined || second.startsWith("-")) return [first, argv.slice(1)];
    const name = `${first} ${second}`;
    if (Object.hasOwn(COMMANDS, name)) return [name, argv.slice(2)];
    throw new AppError("INVALID", `./penstock ${first} has no verb "${second}": it has ${verbs.join(", ")}.${didYouMean(second, verbs, (verb) => `./penstock ${first} ${verb}`)}`);
  }
  const firstWords = [...new Set(COMMAND_NAMES.map((name) => name.split(" ")[0] ?? name))];
  throw new AppError("INVALID", `Penstock has no command "${first}".${didYouMean(first, firstWords, (word) => `./penstock ${word}`)} ./penstock help lists them all.`);
}

function upToDoubleDash(args: string[]): string[] {
  const end = args.indexOf("--");
  return end === -1 ? args : args.slice(0, end);
}

/** Says on standard error what went wrong, for whom it went wrong. */
async function explain(io: Io, thrown: unknown): Promise<number> {
  // As the other doors tell it: a value that does not fit, a database that is away.
  const error = thrown instanceof AppError || thrown instanceof Interrupted ? thrown : ((await import("#lib/api/problem")).toAppError(thrown) ?? thrown);
  if (error instanceof Interrupted) {
    if (error.note) io.err(`${error.note}\n`);
    return error.exitCode;
  }
  if (io.signal.aborted) return io.signal.reason instanceof Interrupted ? io.signal.reason.exitCode : EXIT.interrupted;
  if (error instanceof AppError) {
    const said = new Set([error.message]);
    const faults = error.faults.filter((fault) => !error.message.includes(fault.message) && !said.has(fault.message));
    io.err(`${paint(io, "red", "✗")} ${error.message}\n${faults.map((fault) => `  ${fault.path}: ${fault.message}\n`).join("")}`);
    if (io.env.PENSTOCK_DEBUG === "1" && error.stack) io.err(`${error.stack}\n`);
    return ERROR_CODES[error.code].exitCode;
  }
  io.err(`${paint(io, "red", "✗")} ${messageOf(error)}\n`);
  if (io.env.PENSTOCK_DEBUG === "1" && error instanceof Error && error.stack) io.err(`${error.stack}\n${error.cause === undefined ? "" : `Cause: ${messageOf(error.cause)}\n`}`);
  else io.err("This was not expected and is probably a bug in Penstock. PENSTOCK_DEBUG=1 shows where it happened.\n");
  return EXIT.failed;
}

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2));
