import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { PageHeader } from "#components/layout/page-header";
import { CallText } from "#components/llm-calls/call-text";
import { PromptVersions } from "#components/llm-calls/prompt-versions";
import { Button } from "#components/ui/button";
import { Field, Select } from "#components/ui/field";
import { Section } from "#components/ui/section";
import { TextDiffView } from "#components/ui/text-diff-view";
import { AppError } from "#lib/errors";
import { getPrompt, type PromptVersionText } from "#lib/llm-usage/queries";
import { pageCtx } from "#lib/web/ctx";

/** Which version is shown, and beside which other. What is none of the prompt's is the current one, and nothing. */
const Shown = z.object({ version: z.string().catch(""), against: z.string().catch("") });
const NOT_KEPT = "not known: it was last asked with before texts were kept.";

export async function generateMetadata({ params }: PageProps<"/ai-audit/prompts/[name]">): Promise<Metadata> {
  return { title: `Prompt ${decoded((await params).name)}` };
}

export default async function PromptPage({ params, searchParams }: PageProps<"/ai-audit/prompts/[name]">) {
  const ctx = await pageCtx();
  const prompt = await getPrompt(ctx, decoded((await params).name)).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "NOT_FOUND") notFound();
    throw error;
  });
  const { name, role, description, stages, versions } = prompt;
  const wanted = Shown.parse(await searchParams);
  const shown = versions.find(({ version }) => version === wanted.version) ?? versions[0];
  const against = versions.find(({ version }) => version === wanted.against && version !== shown?.version);
  return (
    <>
      <PageHeader title={<>Prompt <span className="font-mono">{name}</span></>}>
        {description && <>{description}. </>}
        {stages.length > 0 ? <>Asked by {stages.join(", ")}{role && <>, as {role}</>}.</> : "No pipeline declares it any more; what it said is kept."}
      </PageHeader>
      <Section title="Versions"><div className="px-4 pb-6 sm:px-6"><PromptVersions name={name} versions={versions} shown={shown?.version} /></div></Section>
      {shown && (
        <Section title={`What ${shown.version} says`}>
          <div className="grid gap-4 px-4 pb-6 sm:px-6">
            {versions.length > 1 && <ChooseVersions key={`${shown.version} ${against?.version}`} versions={versions} shown={shown.version} against={against?.version ?? ""} />}
            {against ? <Differences older={against} newer={shown} /> : <div className="grid gap-3 lg:grid-cols-2"><CallText label="System prompt" text={shown.system} none={NOT_KEPT} /><CallText label="Prompt" text={shown.text} none={NOT_KEPT} /></div>}
          </div>
        </Section>
      )}
    </>
  );
}

function ChooseVersions({ versions, shown, against }: { versions: PromptVersionText[]; shown: string; against: string }) {
  const options = versions.map(({ version, isCurrent }) => <option key={version} value={version}>{version}{isCurrent && ", current"}</option>);
  return (
    <form className="flex flex-wrap items-end gap-3">
      <Field id="version" label="Version"><Select id="version" name="version" defaultValue={shown} aria-describedby="version-hint">{options}</Select></Field>
      <Field id="against" label="Compared with"><Select id="against" name="against" defaultValue={against} aria-describedby="against-hint"><option value="">None</option>{options}</Select></Field>
      <Button type="submit">Show</Button>
    </form>
  );
}

function Differences({ older, newer }: { older: PromptVersionText; newer: PromptVersionText }) {
  const unknown = [older, newer].find(({ text }) => text === null);
  if (unknown) return <p className="text-sm text-ink-soft">The text of {unknown.version} is {NOT_KEPT}</p>;
  return (
    <div className="grid min-w-0 gap-4">
      <p role="status" className="text-sm text-ink-soft">{older.version} is the side with −, {newer.version} the one with +.{older.role !== newer.role && <> It was asked as {older.role}, then as {newer.role}.</>}</p>
      <TextDiffView label="System prompt" before={older.system} after={newer.system} />
      <TextDiffView label="Prompt" before={older.text} after={newer.text} />
    </div>
  );
}

/** As it was written in the address, or as it is where it cannot be. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
