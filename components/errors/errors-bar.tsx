import { X } from "lucide-react";
import Form from "next/form";
import Link from "next/link";
import { errorsHref } from "#components/errors/errors-href";
import { WrappingBar } from "#components/filters/wrapping-bar";
import { buttonClass } from "#components/ui/button";
import { Input } from "#components/ui/field";
import { ERROR_GROUP_VIEWS, type ErrorGroupsFilter, isNarrowed, toSearchParams } from "#lib/error-groups/filter";

const WORDS = { open: "Open", resolved: "Resolved", ignored: "Ignored", all: "All" } as const;

/** Which groups the list shows: by status, by words. The address holds it. */
export function ErrorsBar({ filter }: { filter: ErrorGroupsFilter }) {
  const kept = toSearchParams({ ...filter, q: "", cursor: null });
  return (
    <WrappingBar>
      <div className="flex flex-wrap items-center gap-2 py-1.5 sm:gap-3">
        <nav aria-label="Status" className="flex items-center gap-0.5">
          {ERROR_GROUP_VIEWS.map((status) => (
            <Link
              key={status}
              href={errorsHref({ ...filter, status, cursor: null })}
              aria-current={filter.status === status ? "page" : undefined}
              className="inline-flex h-7 items-center rounded-md px-2 text-sm font-medium text-ink-soft hover:bg-hover hover:text-ink aria-[current]:bg-accent-wash aria-[current]:font-semibold aria-[current]:text-accent"
            >
              {WORDS[status]}
            </Link>
          ))}
        </nav>
        <Form action="/errors" className="w-32 shrink-0 sm:w-56">
          {[...kept].map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          {/* A new key: what another tab or Back has put into the address is what stands in the field. */}
          <Input key={filter.q} type="search" name="q" defaultValue={filter.q} aria-label="Search errors" placeholder="Search errors" maxLength={200} autoComplete="off" spellCheck={false} className="h-7" />
        </Form>
        {filter.pipeline && <Chip label="Pipeline" value={filter.pipeline} href={errorsHref({ ...filter, pipeline: null, cursor: null })} />}
        {filter.stage && <Chip label="Stage" value={filter.stage} href={errorsHref({ ...filter, stage: null, cursor: null })} />}
        {isNarrowed(filter) && (
          <Link href={errorsHref({ ...filter, pipeline: null, stage: null, q: "", cursor: null })} scroll={false} className={buttonClass("quiet", "sm")}>
            Clear filters
          </Link>
        )}
      </div>
    </WrappingBar>
  );
}

function Chip({ label, value, href }: { label: string; value: string; href: ReturnType<typeof errorsHref> }) {
  return (
    <Link href={href} scroll={false} aria-label={`Remove filter ${label}: ${value}`} className="inline-flex h-7 max-w-64 shrink-0 items-center gap-1 rounded-md bg-accent-wash pr-1.5 pl-2 text-sm hover:bg-hover">
      <span className="text-ink-soft">{label}:</span>
      <span className="truncate font-medium">{value}</span>
      <X aria-hidden className="size-3.5 shrink-0 text-ink-soft" />
    </Link>
  );
}
