"use client";
import Link from "next/link";
import { ChoiceMenu, type MenuEntry } from "#components/filters/choice-menu";
import { type FilteredPage, filterHref } from "#components/filters/filter-href";
import { FilterRow } from "#components/filters/filter-row";
import { StatusMark } from "#components/runs/status-mark";
import { buttonClass } from "#components/ui/button";
import type { Fault } from "#lib/errors";
import { choicesIn, choose, keyOfNode } from "#lib/filters/edit";
import { fieldOf } from "#lib/filters/fields";
import { nodesOf } from "#lib/filters/tree";
import type { FilterTree } from "#lib/filters/filter";
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
  const menus = (
    <>
      <ChoiceMenu label="Status" field={STATUS} entries={STATUS_ENTRIES} tree={tree} page={page} />
      <ChoiceMenu label="Stage" field={STAGE} entries={stages} tree={tree} page={page} />
      {hasPipelines && <ChoiceMenu label="Pipeline" field={PIPELINE} entries={choices.map(({ pipeline }) => ({ value: pipeline, label: pipeline }))} tree={tree} page={page} />}
      {more.map((key) => (
        <span key={key} className="contents max-lg:hidden">
          <ChoiceMenu label={fieldOf(key)?.label ?? key} field={key} entries={[]} tree={tree} page={page} />
        </span>
      ))}
    </>
  );
  const hideHandled = choicesIn(tree, STATUS).get("failed") === "include" && !choicesIn(tree, HANDLED).has("true") && (
    <Link href={filterHref(page, choose(tree, HANDLED, "true", "exclude"))} scroll={false} className={buttonClass("quiet", "sm")} title="Failures whose retry went well need nobody any more">
      Hide handled
    </Link>
  );
  return <FilterRow tree={tree} page={page} menus={menus} more={hideHandled} faults={faults} />;
}
