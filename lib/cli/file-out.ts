/** Bytes into a file that appears under its name when it is whole; until then its name ends with `.part`. */
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { once } from "node:events";
import { AppError } from "#lib/errors";

/** @throws AppError INVALID when the file cannot be written; DISK_FULL */
export async function writeFile(pieces: AsyncIterable<Uint8Array>, path: string): Promise<number> {
  const part = `${path}.part`;
  const file = createWriteStream(part);
  // A stream that fails says so once more at each write; the first time counts.
  let fault: NodeJS.ErrnoException | null = null;
  file.on("error", (error) => (fault ??= error));
  try {
    for await (const piece of pieces) {
      if (fault) throw fault;
      if (!file.write(piece)) await Promise.race([once(file, "drain"), once(file, "close")]);
    }
    await new Promise<void>((resolve) => file.end(() => resolve()));
    if (fault) throw fault;
    await rename(part, path);
    return file.bytesWritten;
  } catch (error) {
    file.destroy();
    await rm(part, { force: true });
    throw fileError(error, path);
  }
}

function fileError(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC") return new AppError("DISK_FULL", `The disk is full: ${path} was not written. Free some space, then try again.`, { cause: error });
  if (code === "ENOENT") return new AppError("INVALID", `There is no folder for ${path}. Make it, or name another file with --out.`, { cause: error });
  if (code === "EISDIR" || code === "EACCES" || code === "EROFS") return new AppError("INVALID", `${path} cannot be written (${code}). Name another file with --out.`, { cause: error });
  return error;
}
