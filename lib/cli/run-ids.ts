import { AppError } from "#lib/errors";
import { runId } from "./arguments.ts";
import type { Io } from "./command.ts";

/**
 * The runs that a command is about, each once. `-` stands for ids on standard input, separated by white space.
 *
 * @throws AppError INVALID for what is no id, and when standard input holds none
 */
export async function readRunIds(io: Io, positionals: string[]): Promise<number[]> {
  const texts: string[] = [];
  for (const text of positionals) texts.push(...(text === "-" ? await readWords(io) : [text]));
  const ids = [...new Set(texts.map(runId))];
  if (ids.length === 0) throw new AppError("INVALID", "Standard input holds no run ids. ./penstock runs ls -o ids prints them.");
  return ids;
}

async function readWords(io: Io): Promise<string[]> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of io.stdin) text += decoder.decode(chunk, { stream: true });
  return text.split(/\s+/).filter((word) => word !== "");
}
