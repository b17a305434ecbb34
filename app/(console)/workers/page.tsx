import { Terminal, TriangleAlert } from "lucide-react";
import type { Metadata } from "next";
import type { ReactNode } from "react";
import { EmptyState } from "#components/layout/empty-state";
import { PageHeader } from "#components/layout/page-header";
import { RefreshEvery } from "#components/layout/refresh-every";
import { CopyButton } from "#components/ui/copy-button";
import { Section } from "#components/ui/section";
import { pageCtx } from "#lib/web/ctx";
import { listRecentWorkers } from "#lib/workers/queries";
import { StoppedWorkers } from "./_components/stopped-workers";
import { WorkerCard } from "./_components/worker-card";

export const metadata: Metadata = { title: "Workers" };

/** Heartbeats leave no event, so that the page asks for them, every so many seconds. */
const REFRESH_S = 2;

export default async function WorkersPage() {
  const workers = await listRecentWorkers(await pageCtx());
  const living = workers.filter(({ stoppedAt }) => stoppedAt === null);
  const stopped = workers.filter(({ stoppedAt }) => stoppedAt !== null);
  const isDrained = living.length > 0 && living.every(({ drainRequestedAt }) => drainRequestedAt !== null);

  return (
    <>
      <RefreshEvery seconds={REFRESH_S} />
      <PageHeader title="Workers">The processes that take units and run them: any number, on any number of machines.</PageHeader>
      {isDrained && <Warning>Every worker is being drained: nothing new is taken, and runs wait until another worker is started.</Warning>}
      {living.length > 0 && living.every(({ alive }) => !alive) && <Warning>No worker is heard of: nothing runs. What they held is given to others as soon as there is one.</Warning>}
      {living.length === 0 ? <NoWorker /> : <ul>{living.map((worker) => <WorkerCard key={worker.id} worker={worker} />)}</ul>}
      {stopped.length > 0 && (
        <Section title="Stopped in the last day" note={stopped.length}>
          <StoppedWorkers workers={stopped} />
        </Section>
      )}
    </>
  );
}

function Warning({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="flex items-start gap-2 border-t bg-failed-wash px-4 py-2.5 font-medium text-failed sm:px-6">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span>{children}</span>
    </p>
  );
}

function NoWorker() {
  return (
    <div className="border-t">
      <EmptyState icon={<TriangleAlert />} title="No worker is running: nothing will run">
        <p>Runs can be triggered, and wait. Start a worker beside this server, or on any machine that reaches its database:</p>
        <Command text="./penstock worker" />
        <Command text="DATABASE_URL=postgres://… ./penstock worker" />
      </EmptyState>
    </div>
  );
}

const Command = ({ text }: { text: string }) => (
  <p className="mt-3 flex items-center justify-center gap-2">
    <Terminal aria-hidden className="size-4 shrink-0" />
    <code className="min-w-0 rounded-sm bg-sunken px-2 py-1 font-mono text-sm break-all text-ink">{text}</code>
    <CopyButton text={text} label={`Copy ${text}`} />
  </p>
);
