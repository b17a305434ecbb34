import type { Metadata } from "next";
import { PageHeader } from "#components/layout/page-header";
import { Section } from "#components/ui/section";
import { compareRuns } from "#lib/compare/queries";
import { AppError } from "#lib/errors";
import { pageCtx } from "#lib/web/ctx";
import { ChooseRuns } from "./_components/choose-runs";
import { CompareFacts } from "./_components/compare-facts";
import { CompareRows } from "./_components/compare-rows";
import { Compared } from "./compared";

export const metadata: Metadata = { title: "Compare runs" };

export default async function ComparePage({ searchParams }: PageProps<"/runs/compare">) {
  const ctx = await pageCtx();
  const { a, b } = Compared.parse(await searchParams);
  if (a === null || b === null) return <Ask a={a} b={b} />;
  const compared = await orRefusal(() => compareRuns(ctx, a, b));
  if ("refused" in compared) return <Ask a={a} b={b} refused={compared.refused} />;

  return (
    <>
      <PageHeader title={`Run #${a} beside run #${b}`}>Steps of the same name stand beside each other. Durations alone are no difference.</PageHeader>
      <ChooseRuns key={`${a} ${b}`} a={a} b={b} />
      <Section title="Facts">
        <CompareFacts comparison={compared.found} />
      </Section>
      <Section title="Units and steps" note={compared.found.isCut ? "the first 2000 of each run" : undefined}>
        <CompareRows a={a} b={b} rows={compared.found.rows} divergence={compared.found.divergence} />
      </Section>
    </>
  );
}

function Ask({ a, b, refused }: { a: number | null; b: number | null; refused?: string }) {
  return (
    <>
      <PageHeader title="Compare runs">Two runs side by side: what differs in their facts, and the step at which they part.</PageHeader>
      <ChooseRuns key={`${a} ${b}`} a={a} b={b} refused={refused} />
    </>
  );
}

async function orRefusal<T>(read: () => Promise<T>): Promise<{ found: T } | { refused: string }> {
  try {
    return { found: await read() };
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") return { refused: error.message };
    throw error;
  }
}
