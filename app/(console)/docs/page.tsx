import type { Metadata } from "next";
import { PageHeader } from "#components/layout/page-header";
import { buttonClass } from "#components/ui/button";
import { Section } from "#components/ui/section";
import { apiReference } from "#lib/api/reference";
import { pageCtx } from "#lib/web/ctx";
import { OperationEntry } from "./_components/operation-entry";
import { OperationSearch } from "./_components/operation-search";
import { ShapeEntry } from "./_components/shape-entry";

export const metadata: Metadata = { title: "API" };

export default async function DocsPage() {
  await pageCtx();
  const { chapters, shapes } = apiReference();
  const count = chapters.reduce((sum, { entries }) => sum + entries.length, 0);
  return (
    <>
      <PageHeader title="API" actions={<a href="/api/v1/openapi.json" className={buttonClass("plain")}>openapi.json</a>}>
        {count} operations, and the right that each wants. Programs send <code className="font-mono text-sm">Authorization: Bearer</code> and an API key. What is refused is answered with a problem document: a sentence, and the place of each fault.
      </PageHeader>
      <OperationSearch count={count} />
      {chapters.map(({ tag, note, entries }) => (
        <Section key={tag} title={tag} note={note}>
          <ul className="px-4 pb-4 sm:px-6">
            {entries.map((entry) => <OperationEntry key={entry.id} entry={entry} />)}
          </ul>
        </Section>
      ))}
      <Section title="Shapes" note="of what is answered">
        <ul className="px-4 pb-6 sm:px-6">
          {shapes.map((shape) => <ShapeEntry key={shape.name} shape={shape} />)}
        </ul>
      </Section>
    </>
  );
}
