import type { ReactNode } from "react";
import { Tabs } from "#components/layout/tabs";
import { can } from "#lib/access/rules";
import { SETTING_PAGES } from "#lib/settings/rules";
import { pageCtx } from "#lib/web/ctx";

export default async function SettingsLayout({ children }: { children: ReactNode }) {
  const { actor } = await pageCtx();
  return (
    <div className="lg:flex lg:min-h-full">
      <Tabs beside label="Parts of the settings" tabs={SETTING_PAGES.filter(({ needs }) => needs === null || can(actor, needs)).map(({ path, word }) => [path, word] as const)} />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
