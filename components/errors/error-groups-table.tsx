"use client";
import { ArrowDown } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type MouseEvent, type ReactNode, useRef, useState } from "react";
import { errorsHref } from "#components/errors/errors-href";
import { GroupMark } from "#components/errors/group-mark";
import { TrendSparkline } from "#components/errors/sparkline";
import { Time } from "#components/layout/clock";
import { useRowKeys } from "#components/layout/row-keys";
import { useHeldRows } from "#components/runs/held-rows";
import { Button } from "#components/ui/button";
import { classNames } from "#components/ui/class-names";
import { ERROR_GROUP_FIELD_IDS, ERROR_GROUP_FIELDS, type ErrorGroupFieldId } from "#lib/error-groups/fields";
import type { ErrorGroupsFilter } from "#lib/error-groups/filter";
import type { ErrorGroupListRow } from "#lib/error-groups/queries";
import { formatCount } from "#lib/format/number";

/** How each field is drawn. A field without a cell does not compile. */
const CELLS: Record<ErrorGroupFieldId, (group: ErrorGroupListRow) => ReactNode> = {
  message: (group) => (
    <>
      <Link href={`/errors/${group.id}`} data-row-link className="line-clamp-2 rounded-sm break-words hover:underline" dir="auto">
        <span className="font-semibold">{group.errorClass}</span> {group.sampleMessage || <span className="text-ink-soft">without a message</span>}
      </Link>
      {/* The last line of a phone's row: what its hidden columns say. */}
      <span className="mt-0.5 flex flex-wrap items-center gap-x-2 text-xs text-ink-soft sm:hidden">
        <GroupMark group={group} className="text-xs" />
        <span>{group.pipeline} / {group.stage}</span>
        <Time date={group.lastSeen} />
      </span>
    </>
  ),
  where: (group) => (
    <>
      <span className="block truncate" title={`${group.pipeline} / ${group.stage}`}>
        <span className="text-ink-soft">{group.pipeline} /</span> <span className="font-semibold">{group.stage}</span>
      </span>
      {group.step && <span className="block truncate text-xs text-ink-soft" title={group.step}>{group.step}</span>}
    </>
  ),
  trend: (group) => <TrendSparkline points={group.days} unit="day" className="h-6 w-full" />,
  count: (group) => <span className="font-semibold">{formatCount(group.count)}</span>,
  runs: (group) => formatCount(group.runs),
  firstSeen: (group) => <Time date={group.firstSeen} />,
  lastSeen: (group) => <Time date={group.lastSeen} />,
  status: (group) => <GroupMark group={group} />,
};

const PLACE: Record<ErrorGroupFieldId, string> = {
  message: "",
  where: "w-44 max-lg:hidden",
  trend: "w-28 max-md:hidden",
  count: "w-16 sm:w-20",
  runs: "w-20 pr-6 max-lg:hidden",
  firstSeen: "w-34 max-xl:hidden",
  lastSeen: "w-34 max-sm:hidden",
  status: "w-28 max-sm:hidden",
};

const columnClass = (id: ErrorGroupFieldId): string => classNames(PLACE[id], ERROR_GROUP_FIELDS[id].align === "end" ? "text-right" : "text-left");

/** Error groups as a table, whose headers sort (the address changes). Rows keep their places under the pointer. */
export function ErrorGroupsTable({ rows, filter }: { rows: ErrorGroupListRow[]; filter: ErrorGroupsFilter }) {
  const router = useRouter();
  const body = useRef<HTMLTableSectionElement>(null);
  const [hovered, setHovered] = useState(false);
  const { shown, heldBack, release } = useHeldRows(rows, hovered, errorsHref(filter));
  useRowKeys(body);

  /** The whole row leads to its group, for the mouse; the keyboard has the link in it. Selecting text is no click. */
  function onRowClick(event: MouseEvent, id: number) {
    if (event.defaultPrevented || window.getSelection()?.toString()) return;
    if (event.target instanceof Element && event.target.closest("a, button")) return;
    if (event.metaKey || event.ctrlKey) window.open(`/errors/${id}`, "_blank");
    else router.push(`/errors/${id}`);
  }

  return (
    <div className="relative" onPointerEnter={(event) => setHovered(event.pointerType === "mouse")} onPointerLeave={() => setHovered(false)}>
      {heldBack > 0 && (
        <div className="absolute inset-x-0 top-9 z-20 flex justify-center">
          <Button look="primary" size="sm" className="shadow-float" onClick={release}>
            Show {heldBack} new {heldBack === 1 ? "error" : "errors"}
          </Button>
        </div>
      )}
      <table aria-label="Error groups" className="w-full table-fixed border-separate border-spacing-0 text-sm">
        <thead>
          <tr>
            {ERROR_GROUP_FIELD_IDS.map((id) => (
              <HeaderCell key={id} id={id} filter={filter} />
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {shown.map((group) => (
            <tr key={group.id} onClick={(event) => onRowClick(event, group.id)} className="cursor-pointer hover:bg-hover has-[a:focus-visible]:bg-hover">
              {ERROR_GROUP_FIELD_IDS.map((id) => (
                <td key={id} className={classNames("border-b px-2 py-2 align-top first:pl-4 last:pr-4 max-sm:[&:nth-child(4)]:pr-4 sm:first:pl-6 sm:last:pr-6", columnClass(id))}>
                  {CELLS[id](group)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A click sorts by it, another goes back to the plain order: a phone shows no header of that one. */
function HeaderCell({ id, filter }: { id: ErrorGroupFieldId; filter: ErrorGroupsFilter }) {
  const { label, description, sort } = ERROR_GROUP_FIELDS[id];
  const isSorted = sort !== null && sort === filter.sort;
  return (
    <th
      scope="col"
      aria-sort={isSorted ? "descending" : undefined}
      title={description}
      className={classNames(
        "sticky top-[calc(var(--top-bar)+var(--filter-bar))] z-10 h-8 border-b bg-ground px-2 text-xs font-semibold text-ink-soft first:pl-4 last:pr-4 max-sm:[&:nth-child(4)]:pr-4 sm:first:pl-6 sm:last:pr-6",
        columnClass(id),
      )}
    >
      {sort ? (
        <Link
          href={errorsHref({ ...filter, sort: isSorted ? "last_seen" : sort, cursor: null })}
          scroll={false}
          aria-current={isSorted ? "true" : undefined}
          className="inline-flex min-h-6 items-center gap-1 hover:text-ink hover:underline aria-[current]:text-ink"
        >
          {label}
          {isSorted && <ArrowDown aria-hidden className="size-3" />}
        </Link>
      ) : (
        label
      )}
    </th>
  );
}
