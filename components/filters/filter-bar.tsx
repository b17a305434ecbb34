"use client";
import { X } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef } from "react";
import { AddFilter } from "#components/filters/add-filter";
import { ChoiceMenu, type MenuEntry } from "#components/filters/choice-menu";
import { type FilteredPage, filterHref } from "#components/filters/filter-href";
import { ShareMenu } from "#components/filters/share-menu";
import { TimeMenu } from "#components/filters/time-menu";
import { StatusMark } from "#components/runs/status-mark";
import { buttonClass } from "#components/ui/button";
import type { Fault } from "#lib/errors";
import { choicesIn, choose, describeNode, keyOfNode, without } from "#lib/filters/edit";
import { fieldOf } from "#lib/filters/fields";
import { type FilterTree, nodesOf } from "#lib/filters/filter";
import { RUN_STATUSES } from "#lib/runs/rules";

/** What there is to choose from, besides the statuses. */
export type FilterChoices = { pipeline: string; stages: string[] }[];

const STATUS = "system/pipeline_run.status";
const STAGE = "system/pipeline_run.stage";
const PIPELINE = "system/pipeline_run.pipeline";
const HANDLED = "system/pipeline_run.handled";
const STATUS_ENTRIES: MenuEntry[] = RUN_STATUSES.map((status) => ({ value: status, label: <StatusMark status={status} /> }));

/** What the page is narrowed to: chosen here, seen here, taken away here; the address holds it. */
export function FilterBar({ tree, page, choices, more = [], faults }: { tree: FilterTree | null; page: FilteredPage; choices: FilterChoices; /** Keys of further fields with a menu of their own. */ more?: string[]; faults: Fault[] }) {
  const stages = choices.flatMap(({ pipeline, stages: own }) => own.map((stage): MenuEntry => ({ value: stage, label: stage, group: pipeline })));
  const hasPipelines = choices.length > 1 || nodesOf(tree).some((node) => keyOfNode(node) === PIPELINE);
  const bar = useRef<HTMLElement>(null);
  // The table's header sticks below the bar, which wraps as conditions come.
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => document.documentElement.style.setProperty("--filter-bar", `${Math.round(entry?.target.getBoundingClientRect().height ?? 0)}px`));
    if (bar.current) observer.observe(bar.current);
    return () => observer.disconnect();
  }, []);
  return (
    <section ref={bar} aria-label="Filters" className="border-b px-4 sm:px-6">
      <div className="flex flex-wrap items-center gap-1.5 py-1.5">
        <TimeMenu tree={tree} page={page} />
        <ChoiceMenu label="Status" field={STATUS} entries={STATUS_ENTRIES} tree={tree} page={page} />
        <ChoiceMenu label="Stage" field={STAGE} entries={stages} tree={tree} page={page} />
        {hasPipelines && <ChoiceMenu label="Pipeline" field={PIPELINE} entries={choices.map(({ pipeline }) => ({ value: pipeline, label: pipeline }))} tree={tree} page={page} />}
        {more.map((key) => (
          <span key={key} className="contents max-lg:hidden">
            <ChoiceMenu label={fieldOf(key)?.label ?? key} field={key} entries={[]} tree={tree} page={page} />
          </span>
        ))}
        <AddFilter tree={tree} page={page} />
        <ShareMenu tree={tree} page={page} />
        {choicesIn(tree, STATUS).get("failed") === "include" && !choicesIn(tree, HANDLED).has("true") && (
          <Link href={filterHref(page, choose(tree, HANDLED, "true", "exclude"))} scroll={false} className={buttonClass("quiet", "sm")} title="Failures whose retry went well need nobody any more">
            Hide handled
          </Link>
        )}
        {nodesOf(tree).map((node, index) => {
          const { label, text } = describeNode(node);
          return (
            <Link
              // Two conditions may read the same; each is its own.
              // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no identity but their place
              key={`${index}:${label}:${text}`}
              href={filterHref(page, without(tree, index))}
              scroll={false}
              className="inline-flex h-7 max-w-80 items-center gap-1 rounded-md bg-accent-wash pr-1.5 pl-2 text-sm hover:bg-hover"
            >
              <span className="shrink-0 text-ink-soft">{label}</span>{" "}
              <span className="truncate font-medium" title={text}>{text}</span>
              <span className="sr-only">, remove this filter</span>
              <X aria-hidden className="size-3.5 shrink-0 text-ink-soft" />
            </Link>
          );
        })}
        {tree && (
          <Link href={filterHref(page, null)} scroll={false} className={buttonClass("quiet", "sm")}>
            Clear filters
          </Link>
        )}
      </div>
      {faults.length > 0 && (
        <p role="status" className="pb-2 text-sm text-partial">
          Part of the address could not be read and was left out: {faults.map(({ path, message }) => `${path} ${message}`).join("; ")}.
        </p>
      )}
    </section>
  );
}
