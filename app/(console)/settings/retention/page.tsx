import type { Metadata } from "next";
import { Time } from "#components/layout/clock";
import { PageHeader } from "#components/layout/page-header";
import { Section } from "#components/ui/section";
import { findLastPruned } from "#lib/retention/queries";
import { sayPruned } from "#lib/retention/rules";
import { SETTINGS } from "#lib/settings/fields";
import { getSettings } from "#lib/settings/queries";
import { pageCtx } from "#lib/web/ctx";
import { PruneNow } from "./_components/prune-now";
import { RetentionForm } from "./_components/retention-form";

export const metadata: Metadata = { title: "Retention" };

export default async function RetentionPage() {
  const ctx = await pageCtx("settings.change");
  const [states, last] = await Promise.all([getSettings(ctx), findLastPruned(ctx)]);
  const fields = (["runDays", "payloadDays", "auditDays"] as const).map((key) => ({ key, label: SETTINGS[key].label, description: SETTINGS[key].description, usual: SETTINGS[key].usual, state: states[key] }));
  return (
    <>
      <PageHeader title="Retention">For how long things are kept. A worker removes at night what is older; pinned and unfinished runs stay whole, however old, and statistics stay as they are.</PageHeader>
      <Section title="Days">
        {/* What somebody else has set meanwhile is another form. */}
        <RetentionForm key={fields.map(({ state }) => state.version).join()} fields={fields} />
      </Section>
      <Section title="The last prune">
        <div className="flex flex-col items-start gap-3 px-4 pb-8 sm:px-6">
          {last ? (
            <p>Removed {sayPruned(last.counts)} <Time date={last.at} />, by {last.by}.</p>
          ) : (
            <p className="text-ink-soft">Nothing has been removed yet: nothing was old enough.</p>
          )}
          <PruneNow />
        </div>
      </Section>
    </>
  );
}
