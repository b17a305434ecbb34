import { Lightbulb } from "lucide-react";
import Link from "next/link";
import { IfMay } from "#components/access";
import { CopyButton } from "#components/ui/copy-button";
import type { ErrorGroupDetail } from "#lib/error-groups/queries";

/** What it says, what of it counts, and, where it is known, the cause and what to do. */
export function GroupMessage({ group }: { group: ErrorGroupDetail }) {
  return (
    <section aria-label="Message" className="mx-4 mb-5 rounded-md border border-failed/40 bg-failed-wash sm:mx-6">
      <Text title="Latest message" text={group.sampleMessage} copied={`${group.errorClass}: ${group.sampleMessage}`} />
      {group.normalisedMessage !== group.sampleMessage && <Text title="Counted as" text={group.normalisedMessage} copied={group.normalisedMessage} />}
      <div className="flex items-start gap-3 border-t border-failed/30 p-3">
        <Lightbulb aria-hidden className="mt-0.5 size-5 shrink-0 text-partial" />
        {group.cause ? (
          <div className="min-w-0">
            <h2 className="font-semibold break-words">{group.cause.title}</h2>
            <p className="mt-0.5 max-w-[105ch] break-words whitespace-pre-line">{group.cause.hint}</p>
          </div>
        ) : (
          <p className="max-w-[105ch]">
            The cause is not known yet.{" "}
            <IfMay permission="errors.resolve">
              Once you know it,{" "}
              <Link href="/errors/causes?edit=new" className="text-accent underline">
                write it down
              </Link>
              : whoever meets this error next is told what to do.
            </IfMay>
          </p>
        )}
      </div>
    </section>
  );
}

function Text({ title, text, copied }: { title: string; text: string; copied: string }) {
  return (
    <div className="border-t border-failed/30 p-3 first:border-t-0">
      <div className="flex items-center gap-1 text-xs font-semibold text-ink-soft">
        <h2>{title}</h2>
        <CopyButton text={copied} label={`Copy: ${title.toLowerCase()}`} />
      </div>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={title}
        className="mt-1 max-h-64 overflow-auto"
      >
        <pre dir="auto" className="font-mono text-xs leading-5 break-words whitespace-pre-wrap">{text || "(no message)"}</pre>
      </section>
    </div>
  );
}
