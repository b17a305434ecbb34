import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { RunLogs } from "#components/runs/run-logs";
import { UnitsTable } from "#components/runs/units-table";
import { JsonView } from "#components/ui/json-view";
import { Section } from "#components/ui/section";
import { parseRunId } from "#lib/api/inputs";
import { isDemoRun } from "#lib/demo/queries";
import { AppError } from "#lib/errors";
import { PIPELINES } from "#lib/pipelines/registry";
import { getRun } from "#lib/runs/queries";
import { listSteps, listUnits } from "#lib/trace/queries";
import { pageCtx } from "#lib/web/ctx";
import { RunError } from "./_components/run-error";
import { RunFacts } from "./_components/run-facts";
import { RunHeader } from "./_components/run-header";
import { StepsSection } from "./_components/steps-section";
import { StepsShown } from "./steps-shown";

export async function generateMetadata({ params }: PageProps<"/runs/[runId]">): Promise<Metadata> {
  return { title: `Run #${(await params).runId}` };
}

export default async function RunPage({ params, searchParams }: PageProps<"/runs/[runId]">) {
  const ctx = await pageCtx();
  const { runId: idText } = await params;
  const { onlyErrors, after } = StepsShown.parse(await searchParams);
  const run = await found(async () => getRun(ctx, parseRunId(idText)));
  const [isDemo, units, steps] = await Promise.all([isDemoRun(ctx, run.id), listUnits(ctx, run.id), listSteps(ctx, run.id, { after, ...(onlyErrors && { status: "error" }) })]);
  const stage = PIPELINES.find(({ name }) => name === run.pipeline)?.stages.find(({ name }) => name === run.stage);

  return (
    <>
      <RunHeader run={run} isDemo={isDemo} itemsName={stage?.itemsName ?? "items"} />
      <RunError run={run} />
      <RunFacts run={run} />
      <Section title="Units" note={units.next ? `the first ${units.rows.length}` : units.rows.length || "none"}>
        {units.rows.length > 0 && <UnitsTable units={units.rows} />}
      </Section>
      <StepsSection run={run} steps={steps.rows} after={after} next={steps.next} onlyErrors={onlyErrors} />
      <Section title="Live output">
        <RunLogs runs={[{ id: run.id, stage: run.stage }]} label={`Log lines of run ${run.id}`} />
      </Section>
      <Section title="What shaped it">
        <div className="grid gap-4 px-4 pb-8 sm:px-6 lg:grid-cols-2">
          <JsonView label="Parameters" value={run.params} />
          <JsonView label="Configuration" value={run.configSnapshot} />
        </div>
      </Section>
    </>
  );
}

/** The value, or the "not found" page when there is none. */
async function found<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") notFound();
    throw error;
  }
}
