import type { Metadata } from "next";
import { pageCtx } from "#lib/web/ctx";
import { Causes } from "./_components/causes";

export const metadata: Metadata = { title: "Known causes" };

export default async function CausesPage({ searchParams }: PageProps<"/errors/causes">) {
  return <Causes ctx={await pageCtx()} path="/errors/causes" search={await searchParams} />;
}
