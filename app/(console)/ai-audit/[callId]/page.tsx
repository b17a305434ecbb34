import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { PageHeader } from "#components/layout/page-header";
import { CallFacts } from "#components/llm-calls/call-facts";
import { CallMark } from "#components/llm-calls/call-mark";
import { CallTexts } from "#components/llm-calls/call-texts";
import { Section } from "#components/ui/section";
import { parseCallId } from "#lib/api/llm-calls";
import { AppError } from "#lib/errors";
import { getCall } from "#lib/llm-calls/queries";
import { pageCtx } from "#lib/web/ctx";
import { CallDiff } from "./_components/call-diff";

export async function generateMetadata({ params }: PageProps<"/ai-audit/[callId]">): Promise<Metadata> {
  return { title: `LLM call #${(await params).callId}` };
}

export default async function CallPage({ params }: PageProps<"/ai-audit/[callId]">) {
  const ctx = await pageCtx();
  const { callId } = await params;
  const call = await getCall(ctx, parseId(callId)).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "NOT_FOUND") notFound();
    throw error;
  });
  return (
    <>
      <PageHeader title={<>Call <span className="font-mono">#{call.id}</span></>}>
        <span className="flex flex-wrap items-center gap-x-3"><CallMark status={call.status} /><span>{call.role}{call.subject && <> about {call.subject}</>}</span></span>
      </PageHeader>
      {call.error && (
        <p role="note" className="mx-4 mb-4 rounded-md bg-failed-wash p-3 text-sm break-words sm:mx-6">
          {call.errorClass && <span className="block font-mono text-xs text-failed">{call.errorClass}</span>}
          {call.error}
        </p>
      )}
      <Section title="Facts"><div className="px-4 pb-6 sm:px-6"><CallFacts call={call} /></div></Section>
      <Section title="Question and answer"><div className="px-4 pb-6 sm:px-6"><CallTexts call={call} /></div></Section>
      {!call.hidden && (
        <Section title="Compared with another call" note={call.template ? `of ${call.template}` : `of the role ${call.role}`}>
          <div className="px-4 pb-8 sm:px-6"><CallDiff call={call} /></div>
        </Section>
      )}
    </>
  );
}

function parseId(text: string): number {
  try {
    return parseCallId(text);
  } catch {
    notFound();
  }
}
