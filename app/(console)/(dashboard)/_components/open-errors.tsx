import Link from "next/link";
import { Time } from "#components/layout/clock";
import { buttonClass } from "#components/ui/button";
import { Section } from "#components/ui/section";
import type { Ctx } from "#lib/ctx";
import { ErrorGroupsFilter } from "#lib/error-groups/filter";
import { listErrorGroups } from "#lib/error-groups/queries";
import { choicesIn } from "#lib/filters/edit";
import { formatCount } from "#lib/format/number";
import type { Look } from "../dashboard-filter";

const SHOWN = 4;

/** The errors that nobody has dealt with, those that came last first; of one stage or pipeline when the filter asks for one. */
export async function OpenErrors({ ctx, look }: { ctx: Ctx; look: Look }) {
  const only = (key: string) => {
    const included = [...choicesIn(look.tree, key)].filter(([, choice]) => choice === "include");
    return included.length === 1 ? included[0]?.[0] : undefined;
  };
  const filter = ErrorGroupsFilter.parse({ pipeline: only("system/pipeline_run.pipeline"), stage: only("system/pipeline_run.stage"), limit: SHOWN });
  const { rows, nextCursor } = await listErrorGroups(ctx, filter);
  return (
    <Section title="Open errors" actions={nextCursor && <Link href="/errors" className={buttonClass("quiet", "sm")}>Show all</Link>}>
      {rows.length === 0 ? (
        <p className="px-4 pb-4 text-ink-soft sm:px-6">None: every failure has been dealt with.</p>
      ) : (
        <ul className="px-4 pb-4 sm:px-6">
          {rows.map((group) => (
            <li key={group.id} className="border-t py-2 first:border-t-0">
              <Link href={`/errors/${group.id}`} className="line-clamp-2 font-medium break-words hover:underline">{group.sampleMessage}</Link>
              <p className="text-sm text-ink-soft">
                {formatCount(group.count)} × in {group.stage}, last <Time date={group.lastSeen} />
              </p>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
