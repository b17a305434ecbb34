"use client";
import { ChevronDown, X } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { runsHref } from "#components/runs/runs-href";
import { StatusMark } from "#components/runs/status-mark";
import { Button, buttonClass } from "#components/ui/button";
import { Menu, MenuCheck, MenuGroup } from "#components/ui/menu";
import { isNarrowed, type RunsFilter } from "#lib/runs/filter";
import { RUN_STATUSES } from "#lib/runs/rules";

/** What there is to choose from, besides the statuses. */
export type FilterChoices = { pipeline: string; stages: string[] }[];

type ListKey = "status" | "pipeline" | "stage";
const LABELS: Record<ListKey, string> = { status: "Status", pipeline: "Pipeline", stage: "Stage" };

/** The filter with one value put in or taken out, from its first page on. */
function toggled(filter: RunsFilter, key: ListKey, value: string): RunsFilter {
  const list: string[] = filter[key];
  const next = list.includes(value) ? list.filter((one) => one !== value) : [...list, value];
  return { ...filter, cursor: null, [key]: next };
}

const cleared = (filter: RunsFilter): RunsFilter => ({ ...filter, status: [], pipeline: [], stage: [], q: "", cursor: null });

/** What the list is narrowed to: chosen here, seen here, taken away here; the address holds it. */
export function FilterBar({ filter, choices }: { filter: RunsFilter; choices: FilterChoices }) {
  const router = useRouter();
  const toggle = (key: ListKey, value: string) => router.push(runsHref(toggled(filter, key, value)), { scroll: false });

  return (
    <section aria-label="Filters" className="flex h-(--filter-bar) items-center gap-1.5 overflow-x-auto px-4 sm:px-6">
      <FilterMenu label="Status" count={filter.status.length}>
        {RUN_STATUSES.map((status) => (
          <MenuCheck key={status} checked={filter.status.includes(status)} onChange={() => toggle("status", status)}>
            <StatusMark status={status} />
          </MenuCheck>
        ))}
      </FilterMenu>
      <FilterMenu label="Stage" count={filter.stage.length}>
        {choices.map(({ pipeline, stages }) => (
          <MenuGroup key={pipeline} label={pipeline}>
            {stages.map((stage) => (
              <MenuCheck key={stage} checked={filter.stage.includes(stage)} onChange={() => toggle("stage", stage)}>
                {stage}
              </MenuCheck>
            ))}
          </MenuGroup>
        ))}
      </FilterMenu>
      {(choices.length > 1 || filter.pipeline.length > 0) && (
        <FilterMenu label="Pipeline" count={filter.pipeline.length}>
          {choices.map(({ pipeline }) => (
            <MenuCheck key={pipeline} checked={filter.pipeline.includes(pipeline)} onChange={() => toggle("pipeline", pipeline)}>
              {pipeline}
            </MenuCheck>
          ))}
        </FilterMenu>
      )}
      {(["status", "stage", "pipeline"] as const).flatMap((key) =>
        filter[key].map((value) => <Chip key={`${key}=${value}`} label={LABELS[key]} value={value} href={runsHref(toggled(filter, key, value))} />),
      )}
      {filter.q && <Chip label="Search" value={filter.q} href={runsHref({ ...filter, q: "", cursor: null })} />}
      {isNarrowed(filter) && (
        <Link href={runsHref(cleared(filter))} scroll={false} className={buttonClass("quiet", "sm")}>
          Clear filters
        </Link>
      )}
    </section>
  );
}

function FilterMenu({ label, count, children }: { label: string; count: number; children: React.ReactNode }) {
  return (
    <Menu
      trigger={
        <Button size="sm">
          {label}
          {count > 0 && <span className="rounded-sm bg-accent px-1 text-xs leading-4 font-semibold text-on-accent">{count}</span>}
          <ChevronDown aria-hidden className="size-3.5 text-ink-soft" />
        </Button>
      }
    >
      {children}
    </Menu>
  );
}

function Chip({ label, value, href }: { label: string; value: string; href: ReturnType<typeof runsHref> }) {
  return (
    <Link
      href={href}
      scroll={false}
      aria-label={`Remove filter ${label}: ${value}`}
      className="inline-flex h-7 max-w-64 items-center gap-1 rounded-md bg-accent-wash pr-1.5 pl-2 text-sm hover:bg-hover"
    >
      <span className="text-ink-soft">{label}:</span>
      <span className="truncate font-medium">{value}</span>
      <X aria-hidden className="size-3.5 shrink-0 text-ink-soft" />
    </Link>
  );
}
