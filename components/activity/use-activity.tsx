"use client";
import { useCallback, useEffect, useRef, useState } from "react";
import { useLive, useLiveEvents } from "#components/layout/live";
import { readData } from "#components/layout/read-data";
import { ACTIVITY_TYPES } from "#lib/activity/fields";
import type { ActivityFeed, ActivityRow } from "#lib/activity/queries";

/** Lines asked for at once. */
const ASKED = 50;
/** Past this many lines the oldest make room for new ones; they can be asked for again. */
const KEPT = 500;

type Answered = { data: (Omit<ActivityRow, "at"> & { at: string })[]; page: { nextCursor: string | null; isCut?: boolean; newest?: number; isAnew?: boolean } };
/** New lines that wait until the pointer has left. `anew` takes the place of all that is shown. */
type Waiting = { rows: ActivityRow[]; anew: ActivityFeed | null };
const NONE: Waiting = { rows: [], anew: null };

/**
 * The feed from what the server drew, kept up to date while the page is open: news of the stream make it ask for what
 * came since, at most once a second. While `isHeld` new lines wait.
 *
 * @param query what narrows the feed, as the API takes it
 */
export function useActivity(initial: ActivityFeed, query: string, isHeld: boolean) {
  const { state, beat } = useLive();
  const [feed, setFeed] = useState(initial);
  const [waiting, setWaiting] = useState(NONE);
  const [fresh, setFresh] = useState<ReadonlySet<number>>(new Set());
  const [fault, setFault] = useState<string | null>(null);
  const [isLoading, setLoading] = useState(false);
  const newest = useRef(initial.newest);
  // What came between the server's drawing and the stream's beginning is in neither.
  const isDue = useRef(true);
  const isAsking = useRef(false);

  const catchUp = useCallback(async () => {
    if (isAsking.current) return;
    isAsking.current = true;
    while (isDue.current) {
      isDue.current = false;
      const answer = await ask(query, { after: newest.current });
      if (!answer.ok) {
        isDue.current = true;
        setFault(answer.message);
        break;
      }
      setFault(null);
      const { rows, page } = answer;
      newest.current = page.newest ?? newest.current;
      if (page.isAnew) setWaiting({ rows: [], anew: { rows, next: nextOf(page), isCut: page.isCut === true, newest: newest.current } });
      else if (rows.length > 0) setWaiting((waits) => ({ ...waits, rows: merge(waits.rows, rows) }));
    }
    isAsking.current = false;
  }, [query]);

  useLiveEvents(({ type }) => {
    isDue.current ||= type === "resync" || type in ACTIVITY_TYPES;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each beat, and each new connection, is a reason to ask
  useEffect(() => {
    if (state === "live" && isDue.current) void catchUp();
  }, [beat, state, catchUp]);

  const release = useCallback(() => {
    if (waiting === NONE) return;
    const known = new Set(feed.rows.map(({ id }) => id));
    const rows = merge(waiting.anew ? waiting.anew.rows : feed.rows, waiting.rows);
    const kept = rows.slice(0, KEPT);
    const from = waiting.anew ?? feed;
    setFresh(new Set(kept.filter(({ id }) => !known.has(id)).map(({ id }) => id)));
    setFeed({ ...from, rows: kept, ...(kept.length < rows.length && { next: kept.at(-1)?.id ?? null, isCut: false }) });
    setWaiting(NONE);
  }, [feed, waiting]);
  useEffect(() => {
    if (!isHeld) release();
  }, [isHeld, release]);

  function retry() {
    isDue.current = true;
    return catchUp();
  }

  async function loadOlder() {
    if (feed.next === null) return;
    setLoading(true);
    const answer = await ask(query, { cursor: feed.next });
    setLoading(false);
    setFault(answer.ok ? null : answer.message);
    if (answer.ok) setFeed((shown) => ({ ...shown, rows: merge(shown.rows, answer.rows), next: nextOf(answer.page), isCut: answer.page.isCut === true }));
  }

  const shown = new Set(feed.rows.map(({ id }) => id));
  const heldBack = [...waiting.rows, ...(waiting.anew?.rows ?? [])].filter(({ id }) => !shown.has(id));
  return { ...feed, latest: [...heldBack, ...feed.rows], heldBack: heldBack.length, fresh, fault, isLoading, release, loadOlder, retry };
}

async function ask(query: string, from: { after: number } | { cursor: number }): Promise<{ ok: true; rows: ActivityRow[]; page: Answered["page"] } | { ok: false; message: string }> {
  const params = new URLSearchParams(query);
  for (const [name, value] of Object.entries(from)) params.set(name, String(value));
  params.set("limit", String(ASKED));
  const answer = await readData<Answered["data"], Answered["page"]>(`/api/v1/activity?${params}`);
  if (!answer.ok) return answer;
  return { ok: true, rows: answer.data.map((row) => ({ ...row, at: new Date(row.at) })), page: answer.page };
}

const nextOf = ({ nextCursor }: Answered["page"]): number | null => (nextCursor === null ? null : Number(nextCursor));

/** Both, each line once and the newest first; of two of the same id, that of `more`. */
function merge(rows: ActivityRow[], more: ActivityRow[]): ActivityRow[] {
  const all = new Map([...rows, ...more].map((row) => [row.id, row]));
  return [...all.values()].sort((a, b) => b.id - a.id);
}
