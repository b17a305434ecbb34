import { Plus } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { z } from "zod";
import { IfMay } from "#components/access";
import { PageHeader } from "#components/layout/page-header";
import { buttonClass } from "#components/ui/button";
import { Section } from "#components/ui/section";
import { listCauseRules } from "#lib/causes/queries";
import { BUILT_IN_CAUSES } from "#lib/causes/rules";
import { PIPELINES } from "#lib/pipelines/registry";
import { pageCtx } from "#lib/web/ctx";
import { CauseForm } from "./_components/cause-form";
import { CauseList } from "./_components/cause-list";

export const metadata: Metadata = { title: "Known causes" };

/** `edit` is `new`, or the number of the cause whose form is open; anything else is none. */
const Shown = z.object({ edit: z.union([z.literal("new"), z.coerce.number().int().positive()]).optional().catch(undefined) });

export default async function CausesPage({ searchParams }: PageProps<"/errors/causes">) {
  const ctx = await pageCtx();
  const { edit } = Shown.parse(await searchParams);
  const rules = await listCauseRules(ctx);
  const edited = rules.find(({ id }) => id === edit) ?? null;
  const choices = PIPELINES.map(({ name, stages }) => ({ pipeline: name, stages: stages.map((stage) => stage.name) }));

  return (
    <>
      <PageHeader title="Known causes" actions={<Link href="/errors/causes?edit=new" className={buttonClass("primary")}><Plus aria-hidden className="size-4" /> Add a cause</Link>}>
        What is known about errors, and what to do. It stands beside every run and every error that it fits; what is written here comes before what is built in.
      </PageHeader>
      {typeof edit === "number" && !edited && (
        <p role="alert" className="px-4 pb-4 font-medium text-failed sm:px-6">There is no cause {edit}: somebody may have removed it.</p>
      )}
      {(edit === "new" || edited) && (
        <Section title={edited ? "Change the cause" : "Add a cause"}>
          {/* Another cause is another form: nothing of the last one stays in it. */}
          <IfMay permission="errors.resolve"><CauseForm key={edited?.id ?? "new"} rule={edited} choices={choices} /></IfMay>
        </Section>
      )}
      <Section title="Written here" note={rules.length || "none"}>
        <CauseList rules={rules} />
      </Section>
      <Section title="Built in" note={BUILT_IN_CAUSES.length}>
        <ul className="grid gap-x-8 px-4 pb-8 sm:px-6 lg:grid-cols-2">
          {BUILT_IN_CAUSES.map(({ title, hint }) => (
            <li key={title} className="border-t py-2.5">
              <h3 className="font-semibold">{title}</h3>
              <p className="text-sm text-ink-soft">{hint}</p>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}
