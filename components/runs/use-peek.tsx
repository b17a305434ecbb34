import { useSearchParams } from "next/navigation";

/** Which run is looked into beside the list; the address knows it (`peek=12`), the history does not fill up with it. */
export function usePeek(ids: number[]) {
  const params = useSearchParams();
  const asked = Number(params.get("peek"));
  const runId = Number.isSafeInteger(asked) && asked > 0 ? asked : null;
  function show(next: number | null) {
    const url = new URL(location.href);
    if (next === null) url.searchParams.delete("peek");
    else url.searchParams.set("peek", String(next));
    window.history.replaceState(null, "", url);
    if (next !== null) document.querySelector(`[data-run="${next}"]`)?.scrollIntoView({ block: "nearest" });
  }
  const at = runId === null ? -1 : ids.indexOf(runId);
  return { runId, show, toggle: (id: number) => show(id === runId ? null : id), previous: at > 0 ? (ids[at - 1] ?? null) : null, next: at >= 0 ? (ids[at + 1] ?? null) : null };
}
