/** Puts messages into the database, each once. */
import { type Ctx, inTransaction } from "#lib/ctx";
import type { Incoming } from "./incoming.ts";

export type ProblemSample = { position: number; messageId: string | null; reason: string };
export type Stored = { messages: number; duplicates: number; problems: ProblemSample[] };

const OTHER_BODY = "Its Message-ID is also that of another message with another body";

/**
 * Stores a batch of one import and how far it came, in one transaction. The content hash decides what is here already;
 * the unique index on it stays right when two imports bring the same message at once.
 */
export async function storeBatch(ctx: Ctx, importId: number, batch: Incoming[], bytesRead: number): Promise<Stored> {
  return inTransaction(ctx, async ({ db }) => {
    const hashes = batch.map(({ raw }) => raw.sha256.toString("hex"));
    const messageIds = [...new Set(batch.flatMap(({ messageId }) => messageId ?? []))];
    const [sameContent, sameIds] = [
      await db.mailMessage.findMany({ where: { contentHash: { in: batch.map(({ raw }) => new Uint8Array(raw.sha256)) } }, select: { contentHash: true } }),
      await db.mailMessage.findMany({ where: { messageId: { in: messageIds } }, distinct: ["messageId"], select: { messageId: true } }),
    ];
    const knownHashes = new Set(sameContent.map(({ contentHash }) => Buffer.from(contentHash).toString("hex")));
    const knownIds = new Set(sameIds.map(({ messageId }) => messageId));

    const fresh = new Map<string, { message: Incoming; problem: string | null }>();
    for (const [index, message] of batch.entries()) {
      const hash = hashes[index] ?? "";
      if (knownHashes.has(hash) || fresh.has(hash)) continue;
      const isReused = message.messageId !== null && knownIds.has(message.messageId);
      const problems = isReused ? [...message.problems, OTHER_BODY] : message.problems;
      if (message.messageId !== null) knownIds.add(message.messageId);
      fresh.set(hash, { message, problem: problems.length > 0 ? `${problems.join(". ")}.` : null });
    }

    const inserted = fresh.size === 0 ? [] : await db.mailMessage.createManyAndReturn({
      skipDuplicates: true,
      select: { id: true, contentHash: true },
      data: [...fresh.values()].map(({ message: { raw, problems: _, ...columns }, problem }) => ({
        ...columns, importId, position: raw.position, contentHash: new Uint8Array(raw.sha256), sizeBytes: raw.sizeBytes, problem,
      })),
    });
    const stored = inserted.map(({ id, contentHash }) => ({ id, ...fresh.get(Buffer.from(contentHash).toString("hex")) }));
    if (stored.length > 0) {
      await db.mailRaw.createMany({
        data: stored.flatMap(({ id, message }) => (message ? [{ messageId: id, raw: new Uint8Array(message.raw.raw), headerBytes: message.raw.headerBytes }] : [])),
      });
    }
    const problems = stored.flatMap(({ message, problem }) => (message && problem ? [{ position: message.raw.position, messageId: message.messageId, reason: problem }] : []));
    const counts = { messages: stored.length, duplicates: batch.length - stored.length };
    await db.$executeRaw`
      update mail_imports
         set size_bytes = ${bytesRead}::bigint, messages = messages + ${counts.messages}::int,
             duplicates = duplicates + ${counts.duplicates}::int, problems = problems + ${problems.length}::int
       where id = ${importId}::bigint`;
    return { ...counts, problems };
  });
}
