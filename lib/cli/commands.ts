import type { Command } from "./command.ts";

/** A file of `commands/`, loaded only when its command is asked for: starting up must cost a person nothing. */
type Entry = { summary: string; load: () => Promise<Command> };

/** Every command, in the order of the help. A name is a verb, or a noun and a verb. */
export const COMMANDS: Record<string, Entry> = {
  start: { summary: "Run everything on this machine: database, worker, web pages", load: () => import("./commands/start.ts") },
  web: { summary: "Run the web pages alone", load: () => import("./commands/web.ts") },
  worker: { summary: "Run a worker alone; as many as wanted, on as many machines", load: () => import("./commands/worker.ts") },
  migrate: { summary: "Bring the database's tables up to date", load: () => import("./commands/migrate.ts") },
  doctor: { summary: "Check what Penstock needs, and say what is missing", load: () => import("./commands/doctor.ts") },
  test: { summary: "Run the tests", load: () => import("./commands/test.ts") },
  "stages ls": { summary: "List the stages of every pipeline, with what waits for them", load: () => import("./commands/stages-ls.ts") },
  "stages pause": { summary: "Let nothing new of a stage, or of a pipeline, start", load: () => import("./commands/stages-pause.ts") },
  "stages resume": { summary: "Let a stage or a pipeline go on", load: () => import("./commands/stages-resume.ts") },
  "stages limit": { summary: "Say how many units of a stage may be in flight", load: () => import("./commands/stages-limit.ts") },
  run: { summary: "Run a stage, or with --all every stage of a pipeline in order", load: () => import("./commands/run.ts") },
  "runs ls": { summary: "List runs, newest first, with the filters of the page", load: () => import("./commands/runs-ls.ts") },
  "runs export": { summary: "Export runs as CSV, JSON Lines or Parquet, with the filters of the page", load: () => import("./commands/runs-export.ts") },
  "runs show": { summary: "Show one run with its units", load: () => import("./commands/runs-show.ts") },
  "runs watch": { summary: "Watch runs until they end", load: () => import("./commands/runs-watch.ts") },
  "runs steps": { summary: "List what a run did, step by step", load: () => import("./commands/runs-steps.ts") },
  "runs logs": { summary: "Print what a run said, or follow what it says", load: () => import("./commands/runs-logs.ts") },
  "runs diff": { summary: "Tell what differs between two runs", load: () => import("./commands/runs-diff.ts") },
  "runs cancel": { summary: "Cancel runs", load: () => import("./commands/runs-cancel.ts") },
  "runs retry": { summary: "Retry runs, whole or only what failed", load: () => import("./commands/runs-retry.ts") },
  "runs pin": { summary: "Keep runs for good, whatever retention removes", load: () => import("./commands/runs-pin.ts") },
  "runs unpin": { summary: "Let retention have runs again", load: () => import("./commands/runs-unpin.ts") },
  "bulk ls": { summary: "List what was done to all runs that matched a filter", load: () => import("./commands/bulk-ls.ts") },
  "bulk abort": { summary: "Stop such an act; what was done stays", load: () => import("./commands/bulk-abort.ts") },
  "activity ls": { summary: "List what happened: runs starting and ending, and what people did", load: () => import("./commands/activity-ls.ts") },
  "annotations ls": { summary: "List the annotations of a run", load: () => import("./commands/annotations-ls.ts") },
  "annotations set": { summary: "Set an annotation of a run", load: () => import("./commands/annotations-set.ts") },
  "annotations rm": { summary: "Remove an annotation of a run", load: () => import("./commands/annotations-rm.ts") },
  "errors ls": { summary: "List error groups: failures of one kind, with how often and since when", load: () => import("./commands/errors-ls.ts") },
  "errors show": { summary: "Show one error group with its cause and its runs", load: () => import("./commands/errors-show.ts") },
  "errors collect": { summary: "Group the failures of runs from before there were error groups", load: () => import("./commands/errors-collect.ts") },
  "errors retry": { summary: "Retry the runs that failed with an error and that nobody has put right", load: () => import("./commands/errors-retry.ts") },
  "errors resolve": { summary: "Say that the cause of an error is gone; it opens again when it comes back", load: () => import("./commands/errors-resolve.ts") },
  "errors ignore": { summary: "Take an error out of the open ones for good", load: () => import("./commands/errors-ignore.ts") },
  "errors reopen": { summary: "Open an error that was resolved or ignored", load: () => import("./commands/errors-reopen.ts") },
  "schedules ls": { summary: "List schedules, with when they come next and how the last run went", load: () => import("./commands/schedules-ls.ts") },
  "schedules add": { summary: "Start a stage or a whole pipeline by the clock", load: () => import("./commands/schedules-add.ts") },
  "schedules rm": { summary: "Delete schedules", load: () => import("./commands/schedules-rm.ts") },
  "schedules pause": { summary: "Let schedules stand still", load: () => import("./commands/schedules-pause.ts") },
  "schedules resume": { summary: "Let schedules go on from now", load: () => import("./commands/schedules-resume.ts") },
  "schedules run": { summary: "Start what a schedule is for, now", load: () => import("./commands/schedules-run.ts") },
  stats: { summary: "Count runs and say how they went, how long they took and what they cost", load: () => import("./commands/stats.ts") },
  "llm ls": { summary: "List model calls, newest first, with the filters of the AI audit", load: () => import("./commands/llm-ls.ts") },
  "llm show": { summary: "Show one model call: what was asked, what came back, what it cost", load: () => import("./commands/llm-show.ts") },
  "llm usage": { summary: "Add up model calls: tokens and cost by model, stage or day", load: () => import("./commands/llm-usage.ts") },
  "llm prices": { summary: "List the prices of models, with the day from which each holds", load: () => import("./commands/llm-prices.ts") },
  "llm price": { summary: "Enter a price of a model, from now on or from a day", load: () => import("./commands/llm-price.ts") },
  "import mail": { summary: "Import mail: .mbox files, folders of .eml files, single .eml files", load: () => import("./commands/import-mail.ts") },
  "import prices": { summary: "Import prices: CSV files of bars, or a sample desk to try things on", load: () => import("./commands/import-prices.ts") },
  "import sample": { summary: "Import the sample mail archive", load: () => import("./commands/import-sample.ts") },
  demo: { summary: "Fill a fresh home with a believable month of runs, or take it away again", load: () => import("./commands/demo.ts") },
  "workers ls": { summary: "List workers with what they hold", load: () => import("./commands/workers-ls.ts") },
  "workers drain": { summary: "Let a worker finish what it holds, take nothing new, and stop", load: () => import("./commands/workers-drain.ts") },
  prune: { summary: "Delete runs that ended long ago, and the payloads of those that ended a while ago", load: () => import("./commands/prune.ts") },
};

export const COMMAND_NAMES = Object.keys(COMMANDS);

/** The verbs of a noun; none when it is no noun. */
export const verbsOf = (noun: string): string[] => COMMAND_NAMES.filter((name) => name.startsWith(`${noun} `)).map((name) => name.slice(noun.length + 1));
