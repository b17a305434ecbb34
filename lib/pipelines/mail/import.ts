/** Brings mail in: from a file, a folder, a stream, or the made-up sample. */
import { z } from "zod";
import { allow } from "#lib/access/rules";
import { audit } from "#lib/audit/mutations";
import { type Ctx, inTransaction } from "#lib/ctx";
import { type Sql, sql } from "#lib/db/client";
import { AppError, messageOf } from "#lib/errors";
import { hasSqlState } from "./sql-state.ts";
import { type Incoming, readIncoming } from "./incoming.ts";
import { readBytes, recognised, statMail, walkFiles } from "./mail-files.ts";
import { splitMbox } from "./mbox.ts";
import { WANTED } from "./recognise.ts";
import { type ProblemSample, storeBatch } from "./store.ts";

/** A transaction holds this much at most: a kill loses little, and memory stays small. */
const BATCH_MESSAGES = 100;
const BATCH_BYTES = 4_000_000;
const MAX_SAMPLES = 20;
const SAMPLE_NAME = "sample archive";
/**
 * An import that has stored nothing for this long is taken for dead, in minutes. One that was merely slow, or found
 * only what is here already, sets its row right when it ends.
 */
const ABANDONED_MINUTES = 5;
const INTERRUPTED = "It was interrupted. Import it again to go on: nothing is imported twice.";

export type ImportProgress = { bytes: number; totalBytes: number | null; messages: number; duplicates: number; problems: number };
export type OnProgress = (progress: ImportProgress) => void;
export type ImportResult = { importId: number; name: string; bytes: number; messages: number /* new */; duplicates: number; problems: number; problemSamples: ProblemSample[] };

/**
 * Imports an mbox or a single message that arrives as a stream. What `onProgress` throws stops the import between two
 * batches; what was stored stays, and importing again goes on.
 *
 * @throws AppError INVALID, with nothing done, when it is not mail; DISK_FULL
 */
export async function importMailStream(ctx: Ctx, source: { name: string; chunks: AsyncIterable<Uint8Array> }, onProgress?: OnProgress): Promise<ImportResult> {
  allow(ctx, "imports.run");
  return importOne(ctx, source, null, onProgress);
}

/**
 * Imports what is at `path`: an .mbox file, an .eml file, or a folder of them and of folders. In a folder, files that
 * hold no mail are named as problems and passed over.
 *
 * @throws AppError NOT_FOUND; INVALID, with nothing done, when there is no mail; DISK_FULL
 */
export async function importMailPath(ctx: Ctx, path: string, onProgress?: OnProgress): Promise<ImportResult> {
  allow(ctx, "imports.run");
  const found = await statMail(path);
  if (found.isDirectory()) return importFolder(ctx, path, onProgress);
  return importOne(ctx, { name: path, chunks: readBytes(path) }, found.isFile() ? found.size : null, onProgress);
}

/**
 * Imports the made-up archive of sample.ts. It ends the day before it was first loaded, so that its renewals lie
 * ahead and its silences behind; loaded again it is the same, and all of it is known.
 */
export async function loadSampleArchive(ctx: Ctx, onProgress?: OnProgress): Promise<ImportResult> {
  allow(ctx, "imports.run");
  const { sampleArchive } = await import("./sample.ts");
  const first = await ctx.db.mailImport.findFirst({ where: { name: SAMPLE_NAME }, orderBy: { id: "asc" }, select: { createdAt: true } });
  const loadedAt = first?.createdAt ?? new Date();
  const lastDay = new Date(Date.UTC(loadedAt.getUTCFullYear(), loadedAt.getUTCMonth(), loadedAt.getUTCDate() - 1));
  return importMailStream(ctx, { name: SAMPLE_NAME, chunks: sampleArchive(undefined, lastDay) }, onProgress);
}

const ImportRow = z.object({
  id: z.number(),
  name: z.string(),
  status: z.enum(["running", "completed", "failed"]),
  bytes: z.number(),
  messages: z.number(),
  duplicates: z.number(),
  problems: z.number(),
  error: z.string().nullable(),
  createdAt: z.date(),
  completedAt: z.date().nullable(),
});
export type ImportRow = z.infer<typeof ImportRow>;

/** The newest imports first, `limit` at most. One that has stopped without a word is shown as failed. */
export async function listImports(ctx: Ctx, limit = 20): Promise<ImportRow[]> {
  allow(ctx, "runs.read");
  const rows = await ctx.db.$queryRaw`
    select id::float8 as id, name, size_bytes::float8 as bytes, messages, duplicates, problems,
           created_at as "createdAt", completed_at as "completedAt",
           (case when abandoned then 'failed' else status::text end) as status,
           (case when abandoned then ${INTERRUPTED} else error end) as error
      from (
        select *, status = 'running' and greatest(created_at, (
                 select m.created_at from mail_messages m where m.import_id = i.id order by m.position desc limit 1
               )) < now() - make_interval(mins => ${ABANDONED_MINUTES}::int) as abandoned
          from mail_imports i
         order by id desc
         limit ${limit}::int
      ) newest
     order by id desc`;
  return z.array(ImportRow).parse(rows);
}

async function importOne(ctx: Ctx, { name, chunks }: { name: string; chunks: AsyncIterable<Uint8Array> }, totalBytes: number | null, onProgress?: OnProgress): Promise<ImportResult> {
  const mail = await recognised(name, chunks);
  const importing = new Importing(ctx, name, totalBytes, onProgress);
  return importing.run(() => importing.take(mail));
}

async function importFolder(ctx: Ctx, folder: string, onProgress?: OnProgress): Promise<ImportResult> {
  let totalBytes = 0;
  let files = 0;
  for await (const { sizeBytes } of walkFiles(folder)) {
    totalBytes += sizeBytes;
    files += 1;
  }
  const importing = new Importing(ctx, folder, totalBytes, onProgress);
  return importing.run(async () => {
    for await (const { path, sizeBytes } of walkFiles(folder)) {
      const mail = await recognised(path, readBytes(path)).catch((error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        return error;
      });
      if (mail instanceof AppError) importing.passOver(sizeBytes, mail.message.replace(` ${WANTED}`, ""));
      else await importing.take(mail);
    }
    if (!importing.hasBegun) throw new AppError("INVALID", `"${folder}" holds no mail: ${files === 0 ? "it is empty" : `none of the files in it is mail (${files})`}. ${WANTED}`);
  });
}

/**
 * Ends imports by `update`, and tells of each in the outbox, in the same statement. The actor is whoever began it: the
 * one who finds it abandoned has not failed it.
 */
async function endImports({ db }: Ctx, update: Sql): Promise<void> {
  await db.$queryRaw`
    with ended as (
      ${update}
      returning id, name, status, messages, duplicates, problems, error, created_by
    ), event as (
      insert into run_events (run_id, type, actor, data)
      select null, 'import.' || status, created_by,
             jsonb_build_object('pipeline', 'mail', 'importId', id, 'name', left(name, 300), 'messages', messages, 'duplicates', duplicates,
                                'problems', problems, 'error', left(error, 300))
        from ended
      returning id
    )
    select pg_notify('penstock', json_build_object('import', id)::text)::text from event`;
}

/** One import on its way. Its row is made when there is a first message to store, so that a refusal leaves nothing behind. */
class Importing {
  readonly #ctx: Ctx;
  readonly #name: string;
  readonly #onProgress: OnProgress | undefined;
  readonly #now = new Date();
  readonly #samples: ProblemSample[] = [];
  readonly #progress: ImportProgress;
  #importId: number | null = null;
  #batch: Incoming[] = [];
  #batchBytes = 0;
  #position = 0;
  /** Files passed over before the row was made, or since the last batch. */
  #passedOver = 0;

  constructor(ctx: Ctx, name: string, totalBytes: number | null, onProgress: OnProgress | undefined) {
    this.#ctx = ctx;
    this.#name = name;
    this.#onProgress = onProgress;
    this.#progress = { bytes: 0, totalBytes, messages: 0, duplicates: 0, problems: 0 };
  }

  get hasBegun(): boolean {
    return this.#importId !== null;
  }

  /** Runs the whole import, and writes down how it ended. */
  async run(work: () => Promise<void>): Promise<ImportResult> {
    try {
      await work();
      await this.#flush();
      await this.#end("completed", null);
    } catch (thrown) {
      const error = hasSqlState(thrown, "53100") ? this.#diskFull(thrown) : thrown;
      // On a full disk this may fail as well; then the row is found abandoned, and the first failure is the one to tell.
      await this.#end("failed", messageOf(error)).catch(() => {});
      throw error;
    }
    const { bytes, messages, duplicates, problems } = this.#progress;
    return { importId: this.#importId ?? 0, name: this.#name, bytes, messages, duplicates, problems, problemSamples: this.#samples };
  }

  /** Takes all messages of one source. */
  async take(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#begin();
    for await (const raw of splitMbox(this.#counted(chunks))) {
      this.#position += 1;
      this.#batch.push(readIncoming({ ...raw, position: this.#position }, this.#now));
      this.#batchBytes += raw.raw.length;
      if (this.#batch.length >= BATCH_MESSAGES || this.#batchBytes >= BATCH_BYTES) await this.#flush();
    }
  }

  /** Notes a file that holds no mail. */
  passOver(sizeBytes: number, reason: string): void {
    this.#progress.bytes += sizeBytes;
    this.#progress.problems += 1;
    this.#passedOver += 1;
    this.#sample({ position: this.#position, messageId: null, reason });
    this.#onProgress?.({ ...this.#progress });
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#progress.bytes += chunk.length;
      this.#onProgress?.({ ...this.#progress });
      yield chunk;
    }
  }

  async #begin(): Promise<void> {
    if (this.#importId !== null) return;
    await endImports(this.#ctx, sql`
      update mail_imports i
         set status = 'failed', error = ${INTERRUPTED}, completed_at = now()
       where status = 'running'
         and greatest(created_at, (
               select m.created_at from mail_messages m where m.import_id = i.id order by m.position desc limit 1
             )) < now() - make_interval(mins => ${ABANDONED_MINUTES}::int)`);
    this.#importId = await inTransaction(this.#ctx, async (tx) => {
      const { id } = await tx.db.mailImport.create({ data: { name: this.#name, createdBy: tx.actor.name }, select: { id: true } });
      await audit(tx, { action: "mail.import", object: `import/${id}`, after: { name: this.#name } });
      return Number(id);
    });
  }

  async #flush(): Promise<void> {
    if (this.#importId === null || this.#batch.length === 0) return;
    const { messages, duplicates, problems } = await storeBatch(this.#ctx, this.#importId, this.#batch, this.#progress.bytes);
    this.#batch = [];
    this.#batchBytes = 0;
    this.#progress.messages += messages;
    this.#progress.duplicates += duplicates;
    this.#progress.problems += problems.length;
    for (const problem of problems) this.#sample(problem);
    this.#onProgress?.({ ...this.#progress });
  }

  async #end(status: "completed" | "failed", error: string | null): Promise<void> {
    if (this.#importId === null) return;
    await endImports(this.#ctx, sql`
      update mail_imports
         set status = ${status}::mail_import_status, error = ${error}, completed_at = now(),
             size_bytes = ${this.#progress.bytes}::bigint, problems = problems + ${this.#passedOver}::int
       where id = ${this.#importId}::bigint`);
  }

  #sample(problem: ProblemSample): void {
    if (this.#samples.length < MAX_SAMPLES) this.#samples.push(problem);
  }

  #diskFull(cause: unknown): AppError {
    const { messages } = this.#progress;
    return new AppError("DISK_FULL", `The database's disk is full. ${messages} new messages of "${this.#name}" were imported before. Make room and import again: nothing is imported twice.`, { cause });
  }
}
