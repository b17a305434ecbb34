import type { Metadata } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { FullTime, Time } from "#components/layout/clock";
import { PageHeader } from "#components/layout/page-header";
import { Section } from "#components/ui/section";
import { WorkerMark } from "#components/workers/worker-mark";
import { getDatabaseFacts } from "#lib/about/queries";
import { formatDuration } from "#lib/format/duration";
import { formatBytes, formatCount } from "#lib/format/number";
import { VERSION } from "#lib/version";
import { pageCtx } from "#lib/web/ctx";
import { listRecentWorkers } from "#lib/workers/queries";
import { workerState } from "#lib/workers/rules";

export const metadata: Metadata = { title: "About" };

export default async function AboutPage() {
  const ctx = await pageCtx("metrics.read");
  const [database, workers] = await Promise.all([getDatabaseFacts(ctx), listRecentWorkers(ctx)]);
  const living = workers.filter(({ stoppedAt }) => stoppedAt === null);
  return (
    <>
      <PageHeader title="About">What runs here, for whoever looks after it or asks for help.</PageHeader>
      <Section title="Penstock">
        <Facts>
          <Fact name="Version">{VERSION}</Fact>
          <Fact name="Node">{process.versions.node}</Fact>
          <Fact name="Web server up">{formatDuration(process.uptime() * 1_000)}</Fact>
          <Fact name="Machine">{process.platform} {process.arch}</Fact>
          <Fact name="REST API"><Link href="/docs" className="text-accent hover:underline">Its operations</Link></Fact>
        </Facts>
      </Section>
      <Section title="Database">
        <Facts>
          <Fact name="PostgreSQL">{database.version}</Fact>
          <Fact name="Name">{database.name}</Fact>
          <Fact name="Size">{formatBytes(database.bytes)}</Fact>
          <Fact name="Started"><FullTime date={database.startedAt} /></Fact>
          <Fact name="Connections">{formatCount(database.connections)}</Fact>
          <Fact name="Migrations">{formatCount(database.migrations)}{database.newestMigration && <span className="block font-mono text-xs [overflow-wrap:anywhere] text-ink-soft">{database.newestMigration}</span>}</Fact>
        </Facts>
      </Section>
      <Section title="Workers" note={living.length || "none is running"} actions={<Link href="/workers" className="text-sm text-accent hover:underline">What they hold</Link>}>
        <ul className="pb-8">
          {living.map((worker) => (
            <li key={worker.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t px-4 py-2 text-sm sm:px-6">
              <span className="font-medium">Worker {worker.id}</span>
              <WorkerMark state={workerState(worker)} />
              <span className={worker.version === VERSION ? "text-ink-soft" : "font-medium text-partial"}>version {worker.version}{worker.version !== VERSION && ", not that of this server"}</span>
              <span className="break-all text-ink-soft">on {worker.host}, since <Time date={worker.startedAt} /></span>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}

const Facts = ({ children }: { children: ReactNode }) => <dl className="grid gap-x-8 gap-y-3 px-4 pb-5 sm:grid-cols-2 sm:px-6 xl:grid-cols-4">{children}</dl>;
const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="min-w-0">
    <dt className="text-xs font-semibold text-ink-soft">{name}</dt>
    <dd className="break-words">{children}</dd>
  </div>
);
