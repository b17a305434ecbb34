"use client";
import { CloudOff, Radio } from "lucide-react";
import { useRouter } from "next/navigation";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { classNames } from "#components/ui/class-names";
import { RUN_STATUSES } from "#lib/runs/rules";

export type LiveState = "connecting" | "live" | "reconnecting" | "offline";

/** `beat` grows with every batch of news: what fetches by itself (the live output) asks again when it does. */
type Live = { state: LiveState; beat: number };

const LiveContext = createContext<Live>({ state: "connecting", beat: 0 });
export const useLive = (): Live => useContext(LiveContext);

const EVENT_TYPES = [...RUN_STATUSES.map((status) => `run.${status}`), "run.cancel_requested", "progress", "resync"];
/** The page is asked for again at most this often, in milliseconds, however fast the news come. */
const REFRESH_EVERY_MS = 1_000;
/** A hidden tab lets go of its connection after this long: a browser allows six to one server, over all its tabs. */
const HIDDEN_GRACE_MS = 10_000;
const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000];

/** One stream of events for the whole page. News make the server draw the page again, in place. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const router = useRouter();
  const [state, setState] = useState<LiveState>("connecting");
  const [beat, setBeat] = useState(0);
  const latest = useRef(router);
  latest.current = router;

  useEffect(() => {
    let source: EventSource | null = null;
    let failures = 0;
    let stale = false;
    let refreshedAt = 0;
    let refreshTimer: ReturnType<typeof setTimeout> | undefined;
    let retryTimer: ReturnType<typeof setTimeout> | undefined;
    let hideTimer: ReturnType<typeof setTimeout> | undefined;

    function refresh() {
      refreshTimer = undefined;
      if (document.hidden) {
        stale = true;
        return;
      }
      stale = false;
      refreshedAt = Date.now();
      setBeat((n) => n + 1);
      latest.current.refresh();
    }

    function hear() {
      refreshTimer ??= setTimeout(refresh, Math.max(50, refreshedAt + REFRESH_EVERY_MS - Date.now()));
    }

    function open() {
      clearTimeout(retryTimer);
      source?.close();
      source = new EventSource("/api/v1/events");
      source.addEventListener("open", () => {
        // What happened while nobody listened is in the page, not in the stream.
        if (failures > 0 || stale) hear();
        failures = 0;
        setState("live");
      });
      source.addEventListener("error", () => {
        failures++;
        setState(navigator.onLine && failures <= 3 ? "reconnecting" : "offline");
        // The browser tries again by itself unless the server answered with an error.
        if (source?.readyState !== EventSource.CLOSED) return;
        retryTimer = setTimeout(open, RETRY_MS[Math.min(failures, RETRY_MS.length) - 1]);
      });
      for (const type of EVENT_TYPES) source.addEventListener(type, hear);
    }

    function close() {
      clearTimeout(retryTimer);
      source?.close();
      source = null;
    }

    function onVisibility() {
      clearTimeout(hideTimer);
      if (document.hidden) {
        hideTimer = setTimeout(() => {
          close();
          stale = true;
        }, HIDDEN_GRACE_MS);
        return;
      }
      if (!source) open();
      else if (stale) hear();
    }

    open();
    document.addEventListener("visibilitychange", onVisibility);
    window.addEventListener("online", open);
    return () => {
      close();
      clearTimeout(refreshTimer);
      clearTimeout(hideTimer);
      document.removeEventListener("visibilitychange", onVisibility);
      window.removeEventListener("online", open);
    };
  }, []);

  return <LiveContext value={{ state, beat }}>{children}</LiveContext>;
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
        "inline-flex h-8 items-center gap-1.5 px-1 text-sm font-medium",
        state === "live" ? "text-completed" : state === "connecting" ? "text-ink-soft" : "text-partial",
      )}
    >
      <Icon aria-hidden className="size-4" />
      <span className="max-sm:sr-only">{WORDS[state].word}</span>
    </span>
  );
}
