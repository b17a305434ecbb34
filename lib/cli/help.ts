import { COMMANDS } from "./commands.ts";
import type { Command, Option } from "./command.ts";

const EXIT_CODES = `Exit codes
  0    done
  1    failed, or refused because something is in the way
  2    misused: an unknown command, option, parameter or value
  3    not allowed
  4    not found
  10   the watched run ended failed, partial or cancelled, or was skipped because a run before it failed
  130  interrupted`;

const ENVIRONMENT: Record<string, string> = {
  PENSTOCK_API_KEY: "a key of a server elsewhere: commands work with that one, at PENSTOCK_URL, where they can",
  DATABASE_URL: "a PostgreSQL server of your own (15 or newer), such as postgres://user:password@host/penstock; without it one is embedded",
  PENSTOCK_HOME: "where the embedded database, logs and secrets are kept; .penstock unless set",
  NO_COLOR: "set to anything: no colours",
  PENSTOCK_DEBUG: "set to 1: show the stack of an unexpected error",
};

const EXAMPLES = [
  "./penstock start                                          everything, then open the page that it prints",
  "./penstock import mail ~/archive.mbox                     bring in mail",
  "./penstock run --all mail --watch                         run every stage, and watch",
  "./penstock run content --param batchSize=50 --inline      run one stage in this very process",
  "./penstock runs ls --status failed --status partial       what went wrong",
  "./penstock runs ls --status pending -o ids | ./penstock runs cancel -",
];

/** The whole help: every command, what is the same for all, examples. */
export function generalHelp(): string {
  return [
    "Penstock: the control room for multi-stage data and LLM pipelines",
    "",
    "Usage: ./penstock <command> [options]",
    "       ./penstock <command> --help",
    "",
    "Commands",
    ...columns(Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary])),
    "",
    "Output",
    "  Results go to standard output, everything for people to standard error.",
    "  Commands that print results take -o table, json, ndjson or ids; --json is -o json.",
    "",
    "Environment",
    ...columns(Object.entries(ENVIRONMENT)),
    "",
    EXIT_CODES,
    "",
    "Examples",
    ...EXAMPLES.map((line) => `  ${line}`),
    "",
  ].join("\n");
}

/** The help of a noun such as `runs`: its verbs. */
export function nounHelp(noun: string): string {
  const verbs = Object.entries(COMMANDS).filter(([name]) => name === noun || name.startsWith(`${noun} `));
  return [`Usage: ./penstock ${noun} <verb> [options]`, "", "Commands", ...columns(verbs.map(([name, { summary }]) => [name, summary])), "", `./penstock ${noun} <verb> --help says more about one.`, ""].join("\n");
}

/** A text as lines to wrap: one that breaks within a sentence goes on with the next. */
const sentences = (text: string): string[] => text.trim().replace(/([^.:\s])\s*\n\s*/g, "$1 ").split("\n").map((line) => line.trim());

/** The help of one command: arguments, options, environment, exit codes, examples. */
export function commandHelp(name: string, command: Command): string {
  const options = Object.entries({ ...command.options, help: HELP_OPTION });
  return [
    `${COMMANDS[name]?.summary ?? name}.`,
    "",
    `Usage: ./penstock ${[name, command.positionals, "[options]"].filter(Boolean).join(" ")}`,
    ...(command.details ? ["", ...sentences(command.details).flatMap((line) => wrap(line, LINE_WIDTH))] : []),
    "",
    "Options",
    ...columns(options.map(([long, option]) => [optionUsage(long, option), optionHelp(option)])),
    "",
    "Environment",
    ...columns(Object.entries({ ...command.environment, ...ENVIRONMENT })),
    "",
    EXIT_CODES,
    ...(command.examples ? ["", "Examples", ...command.examples.map((line) => `  ${line}`)] : []),
    "",
  ].join("\n");
}

export const HELP_OPTION: Option = { type: "boolean", short: "h", help: "show this" };

function optionUsage(long: string, option: Option): string {
  const value = option.type === "string" ? ` ${option.value ?? option.choices?.join("|") ?? "text"}` : "";
  return `${option.short ? `-${option.short}, ` : "    "}--${long}${value}`;
}

function optionHelp({ help, choices, value, multiple }: Option): string {
  return [help, choices && value ? `one of ${choices.join(", ")}` : "", multiple ? "may be repeated" : ""].filter(Boolean).join("; ");
}

/** Columns of a help line at most; a terminal is seldom narrower, and longer lines read badly. */
const LINE_WIDTH = 100;
/** The widest first column; a longer one gets a line of its own. */
const FIRST_WIDTH = 26;

/** Two columns, the second one aligned and wrapped. */
function columns(rows: [string, string][]): string[] {
  const width = Math.min(FIRST_WIDTH, Math.max(...rows.map(([first]) => first.length)));
  const indent = `  ${" ".repeat(width)}  `;
  return rows.flatMap(([first, second]) => {
    const [line = "", ...more] = wrap(second, LINE_WIDTH - indent.length);
    const head = first.length > width ? [`  ${first}`, indent + line] : [`  ${first.padEnd(width)}  ${line}`];
    return [...head, ...more.map((text) => indent + text)];
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
