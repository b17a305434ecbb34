/** Browsers that read the live stream: they come back after every break with the last event they have seen, as `EventSource` does. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./check.ts";

/** As the stream itself asks for. */
const COME_BACK_MS = 1_000;

export type Readers = {
  /** What each has missed, or been given twice, of the events with these ids. */
  judge(ids: number[]): Fault[];
  /** The most events that one of them has. */
  seen(): number;
  /** How often they lost their connection in all, and how often one was told to look anew. */
  breaks(): number;
  resyncs(): number;
  stop(): Promise<void>;
};

/** `headers`: what they carry to be let in, each of these as often as the others. */
export function startReaders(count: number, url: string, headers: Record<string, string>[]): Readers {
  const stopped = new AbortController();
  const { signal } = stopped;
  const readers = Array.from({ length: count }, (_, n) => ({ times: new Map<number, number>(), last: 0, headers: headers[n % headers.length] }));
  let breaks = 0;
  let resyncs = 0;

  async function read(reader: (typeof readers)[number]): Promise<void> {
    const response = await fetch(`${url}/api/v1/events`, { headers: { ...reader.headers, "Last-Event-ID": String(reader.last) }, signal });
    if (!response.ok || !response.body) throw new Error(`The stream answered ${response.status}`);
    let rest = "";
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const { id, event } = Object.fromEntries(block.split("\n").map((line) => line.split(": ", 2)));
        if (event === "resync") resyncs += 1;
        if (id === undefined) continue;
        reader.last = Number(id);
        if (event !== "ready") reader.times.set(reader.last, (reader.times.get(reader.last) ?? 0) + 1);
      }
    }
  }
  async function keepReading(reader: (typeof readers)[number]): Promise<void> {
    while (!signal.aborted) {
      await read(reader).catch(() => {});
      if (signal.aborted) return;
      breaks += 1;
      await sleep(COME_BACK_MS, undefined, { signal }).catch(() => {});
    }
  }
  const reading = readers.map(keepReading);

  return {
    seen: () => Math.max(0, ...readers.map(({ times }) => times.size)),
    breaks: () => breaks,
    resyncs: () => resyncs,
    judge: (ids) => readers.flatMap(({ times }, reader) => {
      const missed = ids.filter((id) => !times.has(id));
      const twice = [...times].filter(([, n]) => n > 1).map(([id]) => id);
      return [
        ...(missed.length > 0 ? [{ class: "lost" as const, what: `Reader ${reader} missed ${missed.length} of ${ids.length} events: ${missed.slice(0, 5).join(", ")}` }] : []),
        ...(twice.length > 0 ? [{ class: "duplicate" as const, what: `Reader ${reader} was given ${twice.length} events twice: ${twice.slice(0, 5).join(", ")}` }] : []),
      ];
    }),
    stop: async () => {
      stopped.abort();
      await Promise.all(reading);
    },
  };
}
