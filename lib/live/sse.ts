import "server-only";
import { setImmediate as nextTurn } from "node:timers/promises";
import { findLost, type Standing, standingOf } from "#lib/auth/standing";
import { type Actor, signatureOf } from "#lib/ctx";
import { webDb } from "#lib/db/client";
import { parseEnv } from "#lib/env";
import { AppError } from "#lib/errors";
import { LIMITS } from "#lib/limits";
import { BEGINNING, findEnd, findPosition, hasHeldBack, isAfter, listEvents, listProgress, type LiveEvent, type Position } from "#lib/live/events";
import { listen, type Listening } from "#lib/live/listen";

/** A reader that leaves this much unread is told to look anew and let go, in bytes. */
const MAX_BUFFERED_BYTES = 262_144;
/** Comments keep proxies from calling the stream dead, in milliseconds. */
const HEARTBEAT_MS = 15_000;
/** Progress is told at most this often, in milliseconds. */
const PROGRESS_MS = 200;
/** The outbox is looked into this often even when nothing was told, in milliseconds: a notification may be lost. */
const POLL_MS = 5_000;
/** How soon to look again for events that wait for an open transaction, in milliseconds. */
const HELD_BACK_MS = 100;
/** What a browser waits before it connects anew, in milliseconds. */
const RETRY_MS = 1_000;
/** More missed events than this are not replayed one by one. */
const MAX_REPLAYED = 5_000;
/** Whoever was signed out, disabled or given other rights reads on for this long at most, in milliseconds. */
const STANDING_MS = 1_000;
/** Runs told of in one go; more come with the next. */
const MAX_PROGRESS_RUNS = 500;

type Reader = {
  /** The person or key that reads; null where nobody signs in. */
  who: string | null;
  /** By what they were let in, which may end before they do. */
  standing: Standing | null;
  runId: number | null;
  controller: ReadableStreamDefaultController<Uint8Array>;
  /** The last event that it was given, or where it began. */
  position: Position | null;
  /** Live events that wait until the replay has caught up; null once it has. */
  waiting: LiveEvent[] | null;
  /** Called when the reader has taken something, or is gone. */
  onTaken: () => void;
};

type Hub = {
  readers: Set<Reader>;
  listening: Listening | null;
  /** What every reader that has caught up has been given. */
  position: Position | null;
  starting: Promise<void> | null;
  reading: Promise<void> | null;
  readAgain: boolean;
  isAsking: boolean;
  changed: Set<number>;
  progressTimer: NodeJS.Timeout | undefined;
  heldBackTimer: NodeJS.Timeout | undefined;
  timers: NodeJS.Timeout[];
};

// Pages, routes and the server have copies of this module each; the readers are one set.
const held = globalThis as { penstockLive?: Hub };
const hub = (): Hub =>
  (held.penstockLive ??= {
    readers: new Set(), listening: null, position: null, starting: null, reading: null, readAgain: false, isAsking: false,
    changed: new Set(), progressTimer: undefined, heldBackTimer: undefined, timers: [],
  });

const encoder = new TextEncoder();
const bytes = (text: string): Uint8Array => encoder.encode(text);
const printEvent = ({ position, type, data }: LiveEvent): string => `id: ${position.id}\nevent: ${type}\ndata: ${data}\n\n`;
const RESYNC = "event: resync\ndata: {}\n\n";

/**
 * The live stream of one reader: every change of state after `lastEventId` (or from now on), in order and without a gap;
 * between them progress, which is not replayed. `event: resync` says that the reader must load anew what it shows.
 *
 * @throws AppError UNAVAILABLE when there are too many readers; TOO_MANY when `actor` has too many of them.
 */
export async function openStream({ runId, lastEventId, actor }: { runId: number | null; lastEventId: bigint | null; actor?: Actor }): Promise<ReadableStream<Uint8Array>> {
  const live = hub();
  if (live.readers.size >= LIMITS.streams) throw new AppError("UNAVAILABLE", `${LIMITS.streams} live readers are connected already. Close some pages, or load the page anew now and then.`);
  await start(live);
  const [who, standing] = [actor ? signatureOf(actor) : null, actor ? standingOf(actor) : null];
  if (who !== null && countOf(live, who) >= LIMITS.streamsEach) throw new AppError("TOO_MANY", `${LIMITS.streamsEach} live streams are open in your name already. Close some pages or programs that follow runs.`);
  let reader: Reader;
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        reader = { who, standing, runId, controller, position: live.position, waiting: [], onTaken: () => {} };
        live.readers.add(reader);
        controller.enqueue(bytes(`retry: ${RETRY_MS}\n\n`));
        // Not awaited: the answer's head must go out before the first event is there.
        void catchUp(live, reader, lastEventId).catch(() => drop(live, reader));
      },
      pull: () => reader.onTaken(),
      cancel: () => {
        live.readers.delete(reader);
        reader.onTaken();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_BUFFERED_BYTES }),
  );
}

function countOf({ readers }: Hub, who: string): number {
  let count = 0;
  for (const reader of readers) if (reader.who === who) count += 1;
  return count;
}

/** Ends every stream and the connection behind them; browsers come back by themselves. */
export async function closeAllStreams(): Promise<void> {
  const live = hub();
  for (const timer of [live.progressTimer, live.heldBackTimer, ...live.timers]) clearTimeout(timer);
  for (const reader of live.readers) drop(live, reader, `retry: ${RETRY_MS}\n\n`);
  await live.listening?.close();
  held.penstockLive = undefined;
}

function start(live: Hub): Promise<void> {
  live.starting ??= begin(live).catch((error) => {
    live.starting = null;
    throw error;
  });
  return live.starting;
}

async function begin(live: Hub): Promise<void> {
  live.position = await findEnd(webDb());
  live.listening = listen(parseEnv().DATABASE_URL ?? "", (runId) => {
    if (runId !== null) live.changed.add(runId);
    live.progressTimer ??= setTimeout(() => void tellProgress(live), PROGRESS_MS);
    void readOutbox(live);
  });
  live.timers.push(setInterval(() => void readOutbox(live), POLL_MS));
  live.timers.push(setInterval(() => tell(live, [...live.readers], bytes(": still here\n\n")), HEARTBEAT_MS));
  live.timers.push(setInterval(() => void dropLost(live), STANDING_MS));
  for (const timer of live.timers) timer.unref();
}

/** Lets those go who may read no longer, or not as they did: who still may comes back at once. */
async function dropLost(live: Hub): Promise<void> {
  if (live.isAsking) return;
  live.isAsking = true;
  try {
    const asked = [...live.readers].flatMap((reader) => (reader.standing ? [{ ...reader.standing, reader }] : []));
    if (asked.length > 0) for (const { reader } of await findLost(webDb(), asked)) drop(live, reader, `retry: ${RETRY_MS}\n\n`);
  } catch {
    // The database is away for now: it has no events to tell either.
  } finally {
    live.isAsking = false;
  }
}

/** Gives the reader what it missed, then what came meanwhile, and from there on it is live. */
async function catchUp(live: Hub, reader: Reader, lastEventId: bigint | null): Promise<void> {
  const from = lastEventId === null ? null : await findPosition(webDb(), lastEventId);
  if (from !== null) {
    reader.position = from;
    if (!(await replay(live, reader))) resync(live, reader);
  } else {
    if (lastEventId !== null) resync(live, reader);
    // An id without a past: a reader that loses the connection now comes back with it.
    tell(live, [reader], bytes(`id: ${reader.position?.id ?? 0}\nevent: ready\ndata: {}\n\n`));
  }
  const waiting = reader.waiting ?? [];
  reader.waiting = null;
  for (const event of waiting) give(live, reader, event);
}

/** False when too much was missed to tell it one by one. */
async function replay(live: Hub, reader: Reader): Promise<boolean> {
  for (let replayed = 0; replayed < MAX_REPLAYED; ) {
    await hasRoom(live, reader);
    const events = await listEvents(webDb(), reader.position ?? BEGINNING);
    for (const event of events) give(live, reader, event);
    if (events.length === 0) return true;
    replayed += events.length;
  }
  return false;
}

function resync(live: Hub, reader: Reader): void {
  // A replay may have come further than the others are: nobody is told twice.
  if (live.position !== null && (reader.position === null || isAfter(live.position, reader.position))) reader.position = live.position;
  tell(live, [reader], bytes(RESYNC));
}

/** Resolves when the reader has taken half of what is buffered for it, or is gone. */
async function hasRoom(live: Hub, reader: Reader): Promise<void> {
  while (live.readers.has(reader) && (reader.controller.desiredSize ?? 0) < MAX_BUFFERED_BYTES / 2) {
    await new Promise<void>((resolve) => {
      reader.onTaken = resolve;
    });
  }
}

function give(live: Hub, reader: Reader, event: LiveEvent, chunk?: Uint8Array): void {
  if (reader.position !== null && !isAfter(event.position, reader.position)) return;
  reader.position = event.position;
  if (reader.runId === null || reader.runId === event.runId) tell(live, [reader], chunk ?? bytes(printEvent(event)));
}

/** One look at a time; a call during a look makes it look once more. */
function readOutbox(live: Hub): Promise<void> {
  live.readAgain = true;
  live.reading ??= (async () => {
    try {
      while (live.readAgain && live.position !== null) {
        live.readAgain = false;
        const events = await listEvents(webDb(), live.position);
        for (const event of events) publish(live, event);
        live.position = events.at(-1)?.position ?? live.position;
        if (events.length > 0) {
          live.readAgain = true;
          // Readers take what they were given before they are given more.
          await nextTurn();
        } else if (!live.heldBackTimer && (await hasHeldBack(webDb(), live.position))) {
          live.heldBackTimer = setTimeout(() => {
            live.heldBackTimer = undefined;
            void readOutbox(live);
          }, HELD_BACK_MS).unref();
        }
      }
    } catch {
      // The database is away for now: the position stands, and the next notification or poll goes on from it.
    } finally {
      live.reading = null;
    }
  })();
  return live.reading;
}

function publish(live: Hub, event: LiveEvent): void {
  const chunk = bytes(printEvent(event));
  for (const reader of live.readers) {
    if (reader.waiting) reader.waiting.push(event);
    else give(live, reader, event, chunk);
  }
}

async function tellProgress(live: Hub): Promise<void> {
  const runIds = [...live.changed].slice(0, MAX_PROGRESS_RUNS);
  for (const runId of runIds) live.changed.delete(runId);
  try {
    const progress = live.readers.size > 0 && runIds.length > 0 ? await listProgress(webDb(), runIds) : new Map<number, string>();
    for (const [runId, data] of progress) {
      const readers = [...live.readers].filter((reader) => reader.waiting === null && (reader.runId === null || reader.runId === runId));
      tell(live, readers, bytes(`event: progress\ndata: ${data}\n\n`));
    }
  } catch {
    // Progress is passing: the next notification brings a newer one.
  } finally {
    live.progressTimer = live.changed.size > 0 ? setTimeout(() => void tellProgress(live), PROGRESS_MS) : undefined;
  }
}

function tell(live: Hub, readers: Reader[], chunk: Uint8Array): void {
  for (const reader of readers) {
    if ((reader.controller.desiredSize ?? 0) < chunk.byteLength) drop(live, reader, RESYNC);
    else reader.controller.enqueue(chunk);
  }
}

function drop(live: Hub, reader: Reader, last = ""): void {
  if (!live.readers.delete(reader)) return;
  try {
    if (last) reader.controller.enqueue(bytes(last));
    reader.controller.close();
  } catch {
    // Closed from the other side already.
  }
}
