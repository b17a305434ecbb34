import type { Metadata } from "next";
import { pageCtx } from "#lib/web/ctx";
import { Causes } from "../../errors/causes/_components/causes";

export const metadata: Metadata = { title: "Known causes" };

export default async function CausesPage({ searchParams }: PageProps<"/settings/causes">) {
  return <Causes ctx={await pageCtx("errors.resolve")} path="/settings/causes" search={await searchParams} />;
}
