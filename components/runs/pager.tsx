import { Pager as PagerBar } from "#components/layout/pager";
import { runsHref } from "#components/runs/runs-href";
import type { RunsFilter } from "#lib/runs/filter";

/** The pages of a list of runs. */
export function Pager({ filter, shown, prevCursor, nextCursor }: { filter: RunsFilter; shown: number; prevCursor: string | null; nextCursor: string | null }) {
  const byTime = filter.sort === "started" && filter.dir === "desc";
  const at = (cursor: string | null) => (cursor ? runsHref({ ...filter, cursor }) : null);
  return (
    <PagerBar label="Pages of runs" prev={{ href: at(prevCursor), word: byTime ? "Newer" : "Previous" }} next={{ href: at(nextCursor), word: byTime ? "Older" : "Next" }}>
      {shown} {shown === 1 ? "run" : "runs"} on this page{nextCursor ? ", more follow" : ""}
    </PagerBar>
  );
}
