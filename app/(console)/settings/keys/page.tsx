import { KeyRound } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { z } from "zod";
import { EmptyState } from "#components/layout/empty-state";
import { PageHeader } from "#components/layout/page-header";
import { buttonClass } from "#components/ui/button";
import { ALL_PERMISSIONS, can } from "#lib/access/rules";
import { listKeys } from "#lib/keys/queries";
import { pageCtx } from "#lib/web/ctx";
import { KeyList } from "./_components/key-list";
import { MakeKey } from "./_components/make-key";

export const metadata: Metadata = { title: "API keys" };

/** `ended=1` shows those that have expired or were revoked; anything else does not. */
const Shown = z.object({ ended: z.literal("1").optional().catch(undefined) });

export default async function KeysPage({ searchParams }: PageProps<"/settings/keys">) {
  const ctx = await pageCtx();
  const ended = Shown.parse(await searchParams).ended === "1";
  const keys = await listKeys(ctx, { ended });
  const may = ALL_PERMISSIONS.filter((permission) => can(ctx.actor, permission));
  const managesAll = can(ctx.actor, "keys.manage");

  return (
    <>
      {/* In one place, however many keys there are: elsewhere it would be another one, and forget the key that it has just shown. */}
      <PageHeader title="API keys" actions={can(ctx.actor, "keys.make") && <MakeKey may={may} />}>
        {managesAll ? "What programs sign in with: yours, and everybody's." : "What your programs sign in with."} A key can do no more than its owner can at the time.
      </PageHeader>
      {keys.length > 0 && <KeyList keys={keys} showsOwner={managesAll} />}
      {keys.length === 0 && !ended && (
        <EmptyState icon={<KeyRound />} title="No key is in use">
          A program signs in with a key: a script, a CI job, or <code className="font-mono text-sm">./penstock</code> on another machine, with PENSTOCK_URL and PENSTOCK_API_KEY set.
        </EmptyState>
      )}
      {keys.length === 0 && ended && <p className="px-4 pb-6 text-ink-soft sm:px-6">There has never been a key here.</p>}
      <p className="px-2 py-4 sm:px-4">
        <Link href={ended ? "/settings/keys" : "/settings/keys?ended=1"} className={buttonClass("quiet", "sm")}>
          {ended ? "Hide keys that have ended" : "Show ended keys too"}
        </Link>
        <Link href="/docs" className={buttonClass("quiet", "sm")}>
          Read the API reference
        </Link>
      </p>
    </>
  );
}
