/** What one tab knows of the live stream that all tabs of a browser share: pure, isomorphic. */
import { ACTIVITY_TYPE_NAMES } from "#lib/activity/fields";

/** `id` is null for what is not replayed: progress, and `resync`, which says that what is shown must be loaded anew. */
export type HeardEvent = { id: number | null; type: string; runId: number | null; data: Record<string, unknown> };

/** Every type that a stream sends, for readers that must name what they listen to. `ready` only tells where the stream begins. */
export const STREAM_TYPES = [...ACTIVITY_TYPE_NAMES, "progress", "resync", "ready"];

/** As many ids are remembered: more than a server replays (MAX_REPLAYED in lib/live/sse.ts). */
const REMEMBERED = 10_000;
const RESYNC: HeardEvent = { id: null, type: "resync", runId: null, data: {} };

/** A message of the stream as the browser gives it. Data that are no object are none. */
export function readEvent(type: string, data: string, lastEventId: string): HeardEvent {
  const parsed = parseObject(data);
  const hasId = type !== "progress" && type !== "resync" && /^\d+$/.test(lastEventId);
  return { id: hasId ? Number(lastEventId) : null, type, runId: typeof parsed.runId === "number" ? parsed.runId : null, data: parsed };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

/**
 * Keeps a tab's place in the stream while the tab that holds the connection changes: nothing is handled twice, and what
 * is missing is noticed. Ids do not grow along the stream, so a place is the id of the last event, and what comes names
 * the one before it.
 */
export class LiveInbox {
  #last: number | null = null;
  readonly #seen = new Set<number>();

  /** Where a stream must begin for this tab to miss nothing; null: now. */
  get last(): number | null {
    return this.#last;
  }

  /** What the tab is to handle now that `event` has come after `previous`. */
  take(event: HeardEvent, previous: number | null): HeardEvent[] {
    const { id, type } = event;
    if (type === "ready") return id === null ? [] : this.join(id);
    if (id === null) return [event];
    if (this.#seen.has(id)) return [];
    const isGap = this.#last !== null && previous !== null && previous !== this.#last && !this.#seen.has(previous);
    this.#remember(id);
    return isGap ? [RESYNC, event] : [event];
  }

  /** The stream stands at `place`: for a tab that stands elsewhere, something has passed it by. */
  join(place: number): HeardEvent[] {
    if (this.#seen.has(place)) return [];
    const isElsewhere = this.#last !== null;
    this.#remember(place);
    return isElsewhere ? [RESYNC] : [];
  }

  #remember(id: number): void {
    this.#last = id;
    this.#seen.add(id);
    if (this.#seen.size <= REMEMBERED) return;
    for (const oldest of this.#seen) {
      this.#seen.delete(oldest);
      break;
    }
  }
}
