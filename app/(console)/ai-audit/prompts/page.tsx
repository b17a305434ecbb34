import { BookText } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { EmptyState } from "#components/layout/empty-state";
import { PageHeader } from "#components/layout/page-header";
import { AuditTabs } from "#components/llm-calls/audit-tabs";
import { CallText } from "#components/llm-calls/call-text";
import { promptHref, PromptVersions } from "#components/llm-calls/prompt-versions";
import { listPrompts, type Prompt } from "#lib/llm-usage/queries";
import { pageCtx } from "#lib/web/ctx";

export const metadata: Metadata = { title: "Prompt library" };

export default async function PromptsPage() {
  const prompts = await listPrompts(await pageCtx());
  return (
    <>
      <PageHeader title="AI audit">The prompts that pipelines declare, each version with what it was used for. A change of its text makes a new version by itself; what the older ones said is kept.</PageHeader>
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
        <h2 className="font-mono text-base font-semibold"><Link href={promptHref(name)} className="hover:underline">{name}</Link></h2>
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
      <PromptVersions name={name} versions={versions} />
    </li>
  );
}
