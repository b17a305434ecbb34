import type { Metadata } from "next";
import Link from "next/link";
import { ErrorGroupsTable } from "#components/errors/error-groups-table";
import { ErrorsBar } from "#components/errors/errors-bar";
import { errorsHref } from "#components/errors/errors-href";
import { PageHeader } from "#components/layout/page-header";
import { Pager } from "#components/layout/pager";
import { buttonClass } from "#components/ui/button";
import { ErrorGroupsFilter } from "#lib/error-groups/filter";
import { pageCtx } from "#lib/web/ctx";
import { ErrorsRefused, NoErrors, NoErrorsFound } from "./_components/no-errors";
import { listOrRefusal } from "./list-or-refusal";

export const metadata: Metadata = { title: "Errors" };

export default async function ErrorsPage({ searchParams }: PageProps<"/errors">) {
  const ctx = await pageCtx();
  const filter = ErrorGroupsFilter.parse(await searchParams);
  const found = await listOrRefusal(ctx, filter);
  const at = (cursor: string | null) => (cursor ? errorsHref({ ...filter, cursor }) : null);

  return (
    <>
      <PageHeader title="Errors" actions={<Link href="/errors/causes" className={buttonClass("plain")}>Known causes</Link>}>
        What fails, one line for each kind of failure.
      </PageHeader>
      <div className="sticky top-(--top-bar) z-20 border-t bg-ground">
        <ErrorsBar filter={filter} />
      </div>
      {"refused" in found ? (
        <ErrorsRefused filter={filter} {...found.refused} />
      ) : found.rows.length > 0 ? (
        <>
          <ErrorGroupsTable rows={found.rows} filter={filter} />
          <Pager label="Pages of errors" prev={{ href: at(found.prevCursor), word: "Previous" }} next={{ href: at(found.nextCursor), word: "Next" }}>
            {found.rows.length} {found.rows.length === 1 ? "error" : "errors"} on this page{found.nextCursor ? ", more follow" : ""}
          </Pager>
        </>
      ) : found.isNew ? (
        <NoErrors />
      ) : (
        <NoErrorsFound filter={filter} />
      )}
    </>
  );
}
