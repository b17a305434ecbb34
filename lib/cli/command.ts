/** What a command is and what it may touch. Everything comes in through `Io`, so that a test can be the terminal. */

export type Io = {
  /** Standard output: what a program reads. */
  out(text: string): void;
  /** The same for bytes; resolves when the reader has room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Standard error: what a person reads. */
  err(text: string): void;
  stdin: AsyncIterable<Uint8Array>;
  /** Is standard output a terminal? Only then are tables cut to `width`. */
  isTty: boolean;
  /** Is standard error a terminal? Only then is progress drawn over itself. */
  errIsTty: boolean;
  /** May colours be used? False off a terminal and under NO_COLOR. */
  colour: boolean;
  /** Columns of the terminal; may change while a command runs. */
  readonly width: number;
  /** Aborts at the first Ctrl-C, at SIGTERM, and when the reader of standard output is gone. */
  signal: AbortSignal;
  env: Record<string, string | undefined>;
  now(): Date;
};

export type Option = {
  type: "string" | "boolean";
  short?: string;
  /** May be given more than once. */
  multiple?: boolean;
  /** What stands for the value in the help: `name=value`. */
  value?: string;
  /** The only values it may have. */
  choices?: readonly string[];
  help: string;
};
export type Options = Record<string, Option>;

/** Of options that are not known one by one, a value may be either. */
type Value<O extends Option> = O["type"] extends "boolean"
  ? boolean
  : "boolean" extends O["type"]
    ? string | boolean
    : O extends { choices: readonly (infer C)[] }
      ? C
      : string;
export type Values<O extends Options> = {
  [K in keyof O]?: O[K]["multiple"] extends true ? Value<O[K]>[] : Value<O[K]>;
};
export type Args<O extends Options = Options> = { values: Values<O>; positionals: string[] };

/** What a file of `commands/` exports. */
export type Command = {
  /** The arguments without a name, as the help shows them: `<id>…`. A name in `<>` is wanted, `…` means more than one. */
  positionals?: string;
  options: Options;
  /** A paragraph for the command's own help. */
  details?: string;
  /** Variables that it reads, besides those of every command. */
  environment?: Record<string, string>;
  examples?: string[];
  /** @returns the exit code */
  run(io: Io, args: Args): Promise<number>;
};

/** Exit codes, as the help explains them. Refusals have theirs in `ERROR_CODES`. */
export const EXIT = { done: 0, failed: 1, misused: 2, watchedRunFailed: 10, interrupted: 130, terminated: 143 } as const;
