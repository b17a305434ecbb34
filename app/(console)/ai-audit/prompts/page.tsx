import { BookText } from "lucide-react";
import type { Metadata, Route } from "next";
import Link from "next/link";
import { Time } from "#components/layout/clock";
import { EmptyState } from "#components/layout/empty-state";
import { PageHeader } from "#components/layout/page-header";
import { AuditTabs } from "#components/llm-calls/audit-tabs";
import { CallText } from "#components/llm-calls/call-text";
import { formatCount, formatUsd } from "#lib/format/number";
import { listPrompts, type Prompt } from "#lib/llm-usage/queries";
import { pageCtx } from "#lib/web/ctx";

export const metadata: Metadata = { title: "Prompt library" };

export default async function PromptsPage() {
  const prompts = await listPrompts(await pageCtx());
  return (
    <>
      <PageHeader title="AI audit">The prompts that pipelines declare, each version with what it was used for. A change of its text makes a new version by itself.</PageHeader>
      <AuditTabs />
      {prompts.length === 0 ? (
        <EmptyState icon={<BookText />} title="No prompt is declared">A stage that names its prompts with promptTemplate lists them here.</EmptyState>
      ) : (
        <ul>{prompts.map((prompt) => <PromptItem key={prompt.name} prompt={prompt} />)}</ul>
      )}
    </>
  );
}

function PromptItem({ prompt }: { prompt: Prompt }) {
  const { name, role, description, system, text, stages, versions } = prompt;
  return (
    <li className="grid gap-3 border-b px-4 py-5 sm:px-6" id={name}>
      <div>
        <h2 className="font-mono text-base font-semibold">{name}</h2>
        <p className="text-sm text-ink-soft">
          {description && <>{description}. </>}
          {stages.length > 0 ? <>Asked by {stages.join(", ")}{role && <>, as {role}</>}.</> : "No pipeline declares it any more; calls remember it."}
        </p>
      </div>
      {text !== null && (
        <details className="group">
          <summary className="inline-flex min-h-6 cursor-pointer items-center text-sm text-accent hover:underline">Show its text</summary>
          <div className="mt-2 grid gap-3 lg:grid-cols-2"><CallText label="System prompt" text={system} none="none." /><CallText label="Prompt" text={text} none="none." /></div>
        </details>
      )}
      <table aria-label={`Versions of ${name}`} className="w-full max-w-3xl text-sm sm:table-fixed">
        <thead>
          <tr className="text-xs text-ink-soft">
            <th scope="col" className="py-1 text-left font-semibold">Version</th>
            <th scope="col" className="py-1 text-right font-semibold sm:w-24">Calls</th>
            <th scope="col" className="w-24 py-1 text-right font-semibold max-sm:hidden">Failed</th>
            <th scope="col" className="py-1 pl-3 text-right font-semibold sm:w-28">Cost</th>
            <th scope="col" className="py-1 pl-6 text-left font-semibold sm:w-44">Last</th>
          </tr>
        </thead>
        <tbody>
          {versions.map(({ version, calls, failed, costUsd, lastAt, isCurrent }) => (
            <tr key={version} className="border-t">
              <th scope="row" className="py-1 text-left font-mono text-xs font-normal">{version}{isCurrent && <span className="ml-2 font-sans text-ink-soft">current</span>}</th>
              <td className="py-1 text-right tabular-nums">{calls === 0 ? "–" : <Link href={`/ai-audit?template=${encodeURIComponent(name)}` as Route} className="text-accent hover:underline">{formatCount(calls)}</Link>}</td>
              <td className="py-1 text-right tabular-nums max-sm:hidden">{failed > 0 ? formatCount(failed) : "–"}</td>
              <td className="py-1 pl-3 text-right tabular-nums">{costUsd === 0 ? "–" : formatUsd(costUsd)}</td>
              <td className="py-1 pl-6"><Time date={lastAt} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </li>
  );
}
