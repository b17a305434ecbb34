import { type HeardEvent, LiveInbox, readEvent, STREAM_TYPES } from "#lib/live/inbox";

export type LiveState = "connecting" | "live" | "reconnecting" | "offline";

/** The lock that the leading tab holds, and the channel on which it passes on what it hears. */
const NAME = "penstock-live";
/** A hidden tab lets go of the stream after this long, in milliseconds; a visible one that waits for it goes on. */
const HIDDEN_GRACE_MS = 10_000;
/** How long to wait before another try after the server has refused; the browser sees to broken connections itself. */
const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000];

/** What tabs say to each other. `hello`: where do we stand? */
type Post =
  | { kind: "event"; event: HeardEvent; previous: number | null }
  | { kind: "state"; state: LiveState; place: number | null }
  | { kind: "hello" };

/** Called with each event once, and with each change of the connection. */
export type Listener = { onEvent: (event: HeardEvent) => void; onState: (state: LiveState) => void };

/**
 * Joins the live stream that all tabs of this browser share, since a browser allows six connections to one server over
 * all its tabs. The tab that holds the lock has the connection; when it closes, crashes or stays hidden, the next visible
 * one goes on from the last event that it was told. Where the browser lacks locks (plain http from another machine), each
 * tab has a connection of its own. Returns how to leave.
 */
export function joinLive({ onEvent, onState }: Listener): () => void {
  const inbox = new LiveInbox();
  const locks = typeof BroadcastChannel === "undefined" ? undefined : (navigator.locks as LockManager | undefined);
  const channel = locks ? new BroadcastChannel(NAME) : null;
  let state: LiveState = "connecting";
  let stream: Stream | null = null;
  let turn: AbortController | null = null;
  let hideTimer: ReturnType<typeof setTimeout> | undefined;

  const post = (message: Post) => channel?.postMessage(message);
  const handle = (events: HeardEvent[]) => events.forEach(onEvent);
  const show = (next: LiveState) => {
    state = next;
    onState(next);
  };

  function lead() {
    stream = openStream(() => inbox.last, {
      onEvent: (event) => {
        const previous = inbox.last;
        post({ kind: "event", event, previous });
        handle(inbox.take(event, previous));
      },
      onState: (next) => {
        show(next);
        post({ kind: "state", state, place: inbox.last });
      },
    });
  }

  /** Waits for the lead, and keeps it until `letGo`. */
  function queue() {
    if (turn) return;
    const mine = new AbortController();
    turn = mine;
    if (!locks) return lead();
    post({ kind: "hello" });
    const untilLetGo = () => new Promise<void>((resolve) => mine.signal.addEventListener("abort", () => resolve()));
    const hold = async () => {
      if (mine.signal.aborted) return;
      lead();
      await untilLetGo();
    };
    locks.request(NAME, { signal: mine.signal }, hold).catch(() => {
      // A browser that has locks and refuses them, as in a sandboxed frame.
      if (!mine.signal.aborted) lead();
    });
  }

  function letGo() {
    turn?.abort();
    turn = null;
    stream?.close();
    stream = null;
  }

  function onPost({ data }: MessageEvent<Post>) {
    if (data.kind === "hello") {
      if (stream) post({ kind: "state", state, place: inbox.last });
      return;
    }
    // Where the lock is refused each tab leads, and has heard it itself.
    if (stream) return;
    if (data.kind === "event") return handle(inbox.take(data.event, data.previous));
    show(data.state);
    if (data.place !== null) handle(inbox.join(data.place));
  }

  function onVisibility() {
    clearTimeout(hideTimer);
    if (document.hidden) hideTimer = setTimeout(letGo, HIDDEN_GRACE_MS);
    else queue();
  }

  if (channel) channel.onmessage = onPost;
  queue();
  onVisibility();
  const onOnline = () => stream?.reopen();
  document.addEventListener("visibilitychange", onVisibility);
  window.addEventListener("online", onOnline);
  return () => {
    clearTimeout(hideTimer);
    document.removeEventListener("visibilitychange", onVisibility);
    window.removeEventListener("online", onOnline);
    letGo();
    channel?.close();
  };
}

/** Whoever is signed out is shown nothing any more: the page, loaded anew, is that of signing in. */
async function leaveIfSignedOut(): Promise<void> {
  const answer = await fetch("/api/v1/pipelines", { method: "GET", cache: "no-store" }).catch(() => null);
  if (answer?.status === 401) window.location.reload();
}

type Stream = { reopen(): void; close(): void };

/** The connection itself. `place` is the event to go on from, asked at each new connection. */
function openStream(place: () => number | null, { onEvent, onState }: Listener): Stream {
  let source: EventSource | null = null;
  let failures = 0;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  function open() {
    clearTimeout(retryTimer);
    source?.close();
    const last = place();
    const mine = new EventSource(last === null ? "/api/v1/events" : `/api/v1/events?lastEventId=${last}`);
    source = mine;
    mine.addEventListener("open", () => {
      failures = 0;
      onState("live");
    });
    mine.addEventListener("error", () => {
      failures++;
      onState(navigator.onLine && failures <= 3 ? "reconnecting" : "offline");
      if (mine.readyState !== EventSource.CLOSED) return;
      retryTimer = setTimeout(open, RETRY_MS[Math.min(failures, RETRY_MS.length) - 1]);
      void leaveIfSignedOut();
    });
    for (const type of STREAM_TYPES) mine.addEventListener(type, ({ data, lastEventId }: MessageEvent<string>) => onEvent(readEvent(type, data, lastEventId)));
  }

  open();
  return {
    reopen: open,
    close: () => {
      clearTimeout(retryTimer);
      source?.close();
    },
  };
}
