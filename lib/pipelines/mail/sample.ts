/** A made-up archive: enough of everything to see what the pipeline does, without anybody's mail. */
import { FAULTS } from "./sample/broken.ts";
import { Draw } from "#lib/draw";
import { type Letter, wrapForMbox, writeLetter } from "./sample/letter.ts";
import { invitation, isOver, nextLetter, openThread, type Thread, vendorLetter } from "./sample/letters.ts";
import { newsletter } from "./sample/newsletters.ts";
import { CORRESPONDENTS, PUBLISHERS, VENDORS } from "./sample/senders.ts";

const SEED = 20_251_120;
const DAY_MS = 86_400_000;
/** The archive reaches this far back, in days: past the year after which a sender counts as lost. */
const REACH_DAYS = 430;
/** Every so many messages one is broken, one is there a second time, and one reuses the Message-ID of another. */
const BROKEN_EVERY = 17;
const REPEATED_EVERY = 41;
const REUSED_EVERY = 97;
const OPEN_THREADS = 12;

/** The sample's last day unless another is given. */
export const SAMPLE_DAY = new Date(Date.UTC(2025, 10, 20));

/**
 * An mbox of `count` messages, oldest first, that ends on `lastDay`. The same count and day give the same bytes.
 * Some messages are there twice, so that fewer than `count` are new.
 */
export async function* sampleArchive(count = 600, lastDay: Date = SAMPLE_DAY): AsyncGenerator<Uint8Array> {
  const draw = new Draw(SEED);
  const threads: Thread[] = [];
  const end = lastDay.getTime();
  let earlier: { letter: Letter; message: Buffer } | null = null;
  for (let number = 1; number <= count; number += 1) {
    const back = ((count - number) / count) * REACH_DAYS * DAY_MS;
    const sentAt = new Date(Math.floor((end - back) / DAY_MS) * DAY_MS + draw.integer(6 * 3600, 20 * 3600) * 1000);
    if (number % BROKEN_EVERY === 0) {
      const fault = FAULTS[(number / BROKEN_EVERY - 1) % FAULTS.length];
      if (fault) yield wrapForMbox(fault(draw, sentAt), sentAt);
    } else if (earlier && number % REPEATED_EVERY === 0) {
      yield wrapForMbox(earlier.message, sentAt);
    } else if (earlier && number % REUSED_EVERY === 0) {
      yield wrapForMbox(writeLetter({ ...nextOf(draw, threads, sentAt, number, number / count), messageId: earlier.letter.messageId }, draw), sentAt);
    } else {
      const letter = nextOf(draw, threads, sentAt, number, number / count);
      const message = writeLetter(letter, draw);
      // One of several, so that what is repeated lies some way back.
      if (!earlier || draw.chance(0.2)) earlier = { letter, message };
      yield wrapForMbox(message, sentAt);
    }
  }
}

function nextOf(draw: Draw, threads: Thread[], sentAt: Date, number: number, progress: number): Letter {
  const kind = draw.next();
  if (kind < 0.45) return newsletter(draw, draw.pick(PUBLISHERS), sentAt, number);
  if (kind < 0.63) return vendorLetter(draw, draw.pick(VENDORS), sentAt, number);
  const writing = CORRESPONDENTS.filter(({ silentFrom = 1 }) => progress <= silentFrom);
  if (kind < 0.65) return invitation(draw, draw.pick(writing.filter(({ domain }) => domain !== "mailhaven.net")), sentAt);
  if (threads.length === 0 || (threads.length < OPEN_THREADS && draw.chance(0.4))) threads.push(openThread(draw, draw.pick(writing)));
  const open = threads.filter(({ company }) => writing.includes(company));
  const thread = draw.pick(open.length > 0 ? open : threads);
  const letter = nextLetter(draw, thread, sentAt);
  if (isOver(thread)) threads.splice(threads.indexOf(thread), 1);
  return letter;
}
