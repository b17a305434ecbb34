/** Files that may hold mail, and their bytes. */
import { createReadStream, type Dirent, type Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError, messageOf } from "#lib/errors";
import { RECOGNISE_BYTES, recogniseOther, WANTED } from "./recognise.ts";

export type MailFile = { path: string; sizeBytes: number };

/**
 * What is at `path`.
 *
 * @throws AppError NOT_FOUND, or INVALID when it is neither a file, a folder nor a pipe
 */
export async function statMail(path: string): Promise<Stats> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (found.isFile() || found.isDirectory() || found.isFIFO()) return found;
  throw new AppError("INVALID", `"${path}" is neither a file nor a folder. ${WANTED}`);
}

/** All files below `folder`, each folder's entries in the order of their names. Links to folders are not followed: they may go in circles. */
export async function* walkFiles(folder: string): AsyncGenerator<MailFile> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
  // By code unit: the order must not depend on the machine's language.
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walkFiles(path);
    else if (await isFile(path, entry)) yield { path, sizeBytes: (await stat(path)).size };
  }
}

async function isFile(path: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return stat(path).then((target) => target.isFile(), () => false);
}

/** The bytes of a file; a failure to read is told in words. */
export async function* readBytes(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 262_144 }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The same bytes, once it is known that they are mail.
 *
 * @throws AppError INVALID that says what they are instead; nothing has been done then
 */
export async function recognised(name: string, chunks: AsyncIterable<Uint8Array>): Promise<AsyncGenerator<Uint8Array>> {
  const source = chunks[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  let isAtEnd = false;
  for (let length = 0; length < RECOGNISE_BYTES && !isAtEnd; ) {
    const { done, value } = await source.next();
    if (done) isAtEnd = true;
    else {
      seen.push(value);
      length += value.length;
    }
  }
  const other = recogniseOther(Buffer.concat(seen).subarray(0, RECOGNISE_BYTES));
  if (!other) return goOn(seen, source);
  await source.return?.();
  throw new AppError("INVALID", `"${name}" is ${other.what}, not mail. ${other.advice ? `${other.advice} ` : ""}${WANTED}`);
}

async function* goOn(seen: Uint8Array[], source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    while (seen.length > 0) yield seen.shift() as Uint8Array;
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  } finally {
    await source.return?.();
  }
}

const REASONS: Record<string, string> = { EACCES: "permission was refused", EPERM: "permission was refused", EISDIR: "it is a folder", EIO: "the disk has an error", EMFILE: "too many files are open", ELOOP: "its links go in circles" };

function unreadable(path: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") return new AppError("NOT_FOUND", `There is nothing at "${path}".`, { cause: error });
  return new AppError("INVALID", `"${path}" cannot be read: ${REASONS[code] ?? messageOf(error)}.`, { cause: error });
}
