import { Plus } from "lucide-react";
import Link from "next/link";
import type { Route } from "next";
import { z } from "zod";
import { PageHeader } from "#components/layout/page-header";
import { buttonClass } from "#components/ui/button";
import { Section } from "#components/ui/section";
import { can } from "#lib/access/rules";
import { listCauseRules } from "#lib/causes/queries";
import { BUILT_IN_CAUSES } from "#lib/causes/rules";
import type { Ctx } from "#lib/ctx";
import { PIPELINES } from "#lib/pipelines/registry";
import { CauseForm } from "./cause-form";
import { CauseList } from "./cause-list";

/** `edit` is `new`, or the number of the cause whose form is open; anything else is none. */
const Shown = z.object({ edit: z.union([z.literal("new"), z.coerce.number().int().positive()]).optional().catch(undefined) });

/** The known causes under the address `path`, with the form that `search` asks for. */
export async function Causes({ ctx, path, search }: { ctx: Ctx; path: string; search: unknown }) {
  const mayWrite = can(ctx.actor, "errors.resolve");
  const asked = Shown.parse(search).edit;
  const edit = mayWrite ? asked : undefined;
  const rules = await listCauseRules(ctx);
  const edited = rules.find(({ id }) => id === edit) ?? null;
  const choices = PIPELINES.map(({ name, stages }) => ({ pipeline: name, stages: stages.map((stage) => stage.name) }));

  return (
    <>
      <PageHeader title="Known causes" actions={mayWrite && <Link href={`${path}?edit=new` as Route} className={buttonClass("primary")}><Plus aria-hidden className="size-4" /> Add a cause</Link>}>
        What is known about errors, and what to do. It stands beside every run and every error that it fits; what is written here comes before what is built in.
      </PageHeader>
      {typeof edit === "number" && !edited && (
        <p role="alert" className="px-4 pb-4 font-medium text-failed sm:px-6">There is no cause {edit}: somebody may have removed it.</p>
      )}
      {asked !== undefined && !mayWrite && <p className="px-4 pb-4 text-ink-soft sm:px-6">Your role reads known causes; operators and admins write them down.</p>}
      {(edit === "new" || edited) && (
        <Section title={edited ? "Change the cause" : "Add a cause"}>
          {/* Another cause is another form: nothing of the last one stays in it. */}
          <CauseForm key={edited?.id ?? "new"} rule={edited} choices={choices} home={path} />
        </Section>
      )}
      <Section title="Written here" note={rules.length || "none"}>
        <CauseList rules={rules} path={path} />
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
