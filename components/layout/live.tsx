"use client";
import { CloudOff, Radio } from "lucide-react";
import { useRouter } from "next/navigation";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { classNames } from "#components/ui/class-names";
import { LIMITS } from "#lib/limits";
import type { HeardEvent } from "#lib/live/inbox";
import { joinLive, type LiveState } from "./live-channel";

export type { LiveState };
type EventHandler = (event: HeardEvent) => void;

/** `beat` grows with every batch of news: what fetches by itself (the live output) asks again when it does. */
type Live = { state: LiveState; beat: number };

const LiveContext = createContext<Live>({ state: "connecting", beat: 0 });
export const useLive = (): Live => useContext(LiveContext);

const HandlersContext = createContext<Set<EventHandler>>(new Set());

/**
 * Calls `handler` with each event of the stream once, also while the tab is hidden. `resync` says that some were missed:
 * load anew. Progress is told in between and is not repeated.
 */
export function useLiveEvents(handler: EventHandler): void {
  const handlers = useContext(HandlersContext);
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(() => {
    const hear: EventHandler = (event) => latest.current(event);
    handlers.add(hear);
    return () => void handlers.delete(hear);
  }, [handlers]);
}

/** The page is asked for again at most this often, in milliseconds, however fast the news come. */
const REFRESH_EVERY_MS = 1_000;

/** How often to see whether the session can still be there, in milliseconds. */
const LOOK_EVERY_MS = 30_000;

/**
 * Takes the page away once it has heard nothing from the server for as long as a session lasts unused: asleep, offline or in the
 * background, it would show what nobody is signed in to see. With a server it is that of signing in, or here anew.
 */
function useForgetting(state: LiveState): void {
  const latest = useRef(state);
  latest.current = state;
  useEffect(() => {
    let heardAt = Date.now();
    const look = setInterval(() => {
      if (latest.current === "live" && !document.hidden) heardAt = Date.now();
      else if (Date.now() - heardAt > LIMITS.sessionIdleMs) window.location.reload();
    }, LOOK_EVERY_MS);
    return () => clearInterval(look);
  }, []);
}

/** News of the one stream that all tabs share make the server draw the page again, in place. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const router = useRouter();
  const [state, setState] = useState<LiveState>("connecting");
  const [beat, setBeat] = useState(0);
  const [handlers] = useState(() => new Set<EventHandler>());
  const latest = useRef(router);
  latest.current = router;
  useForgetting(state);

  useEffect(() => {
    let isStale = false;
    let wasBroken = false;
    let refreshedAt = 0;
    let refreshTimer: ReturnType<typeof setTimeout> | undefined;

    function refresh() {
      refreshTimer = undefined;
      isStale = document.hidden;
      if (isStale) return;
      refreshedAt = Date.now();
      setBeat((n) => n + 1);
      latest.current.refresh();
    }

    function hear() {
      refreshTimer ??= setTimeout(refresh, Math.max(50, refreshedAt + REFRESH_EVERY_MS - Date.now()));
    }

    function onState(next: LiveState) {
      // Changes are replayed, progress is not.
      if (next === "live" && wasBroken) hear();
      wasBroken = next === "reconnecting" || next === "offline";
      setState(next);
    }

    function onEvent(event: HeardEvent) {
      hear();
      for (const handler of handlers) handler(event);
    }

    const onVisibility = () => !document.hidden && isStale && hear();
    const leave = joinLive({ onEvent, onState });
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      leave();
      clearTimeout(refreshTimer);
      document.removeEventListener("visibilitychange", onVisibility);
    };
  }, [handlers]);

  return (
    <HandlersContext value={handlers}>
      <LiveContext value={{ state, beat }}>{children}</LiveContext>
    </HandlersContext>
  );
}

const WORDS: Record<LiveState, { word: string; meaning: string }> = {
  connecting: { word: "Connecting", meaning: "Connecting to live updates." },
  live: { word: "Live", meaning: "This page updates by itself." },
  reconnecting: { word: "Reconnecting", meaning: "The connection broke. What you see may be out of date; trying again." },
  offline: { word: "Offline", meaning: "The server does not answer. What you see may be out of date; still trying." },
};

/** Whether what is on the page is fresh. */
export function LiveBadge() {
  const { state } = useLive();
  const Icon = state === "live" || state === "connecting" ? Radio : CloudOff;
  return (
    <span
      role="status"
      title={WORDS[state].meaning}
      className={classNames(
        // As wide as its longest word, so that nothing moves when it changes.
        "inline-flex h-8 items-center gap-1.5 px-1 text-sm font-medium sm:w-28 sm:justify-end",
        state === "live" ? "text-completed" : state === "connecting" ? "text-ink-soft" : "text-partial",
      )}
    >
      <Icon aria-hidden className="size-4" />
      <span className="max-sm:sr-only">{WORDS[state].word}</span>
    </span>
  );
}
