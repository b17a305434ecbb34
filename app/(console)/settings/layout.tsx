import type { ReactNode } from "react";
import { SettingsNav } from "#components/settings/settings-nav";
import { can } from "#lib/access/rules";
import { SETTING_PAGES } from "#lib/settings/rules";
import { pageCtx } from "#lib/web/ctx";

export default async function SettingsLayout({ children }: { children: ReactNode }) {
  const { actor } = await pageCtx();
  return (
    <div className="lg:flex lg:min-h-full">
      <SettingsNav pages={SETTING_PAGES.filter(({ needs }) => needs === null || can(actor, needs)).map(({ path, word }) => ({ path, word }))} />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
