import { Check } from "lucide-react";
import type { Metadata } from "next";
import { PageHeader } from "#components/layout/page-header";
import { Section } from "#components/ui/section";
import { ALL_PERMISSIONS, can, PERMISSIONS, PERMISSIONS_OF, ROLES } from "#lib/access/rules";
import { getSettings } from "#lib/settings/queries";
import { pageCtx } from "#lib/web/ctx";
import { PayloadsSwitch } from "./_components/payloads-switch";

export const metadata: Metadata = { title: "Roles" };

const CELL = "border-t px-2 py-1.5 first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";

export default async function RolesPage() {
  const ctx = await pageCtx();
  const { viewersSeePayloads } = await getSettings(ctx);
  const has = (role: (typeof ROLES)[number], permission: (typeof ALL_PERMISSIONS)[number]) =>
    PERMISSIONS_OF[role].includes(permission) && (role !== "viewer" || permission !== "payloads.read" || viewersSeePayloads.value);
  return (
    <>
      <PageHeader title="Roles">What each role may. A key never may more than whoever made it. The command line on the server&rsquo;s own machine may everything: it holds the database&rsquo;s password.</PageHeader>
      <Section title="Payloads">
        {/* What somebody else has set meanwhile is another switch. */}
        <PayloadsSwitch key={viewersSeePayloads.version} value={viewersSeePayloads.value} version={viewersSeePayloads.version} mayChange={can(ctx.actor, "settings.change")} />
      </Section>
      <table aria-label="Roles and what they may" className="mb-8 w-full border-t text-sm">
        <thead>
          <tr className="text-xs text-ink-soft">
            <th scope="col" className={`${CELL} border-t-0 text-left font-semibold`}>May</th>
            {ROLES.map((role) => <th key={role} scope="col" className={`${CELL} w-20 border-t-0 text-center font-semibold`}>{role}</th>)}
          </tr>
        </thead>
        <tbody>
          {ALL_PERMISSIONS.map((permission) => (
            <tr key={permission} className="hover:bg-hover">
              <th scope="row" className={`${CELL} text-left font-normal`}>
                {PERMISSIONS[permission]}
                <code className="ml-2 font-mono text-xs text-ink-soft max-sm:hidden">{permission}</code>
              </th>
              {ROLES.map((role) => (
                <td key={role} className={`${CELL} text-center`}>
                  {has(role, permission) ? <><Check aria-hidden className="inline size-4 text-completed" /><span className="sr-only">yes</span></> : <><span aria-hidden className="text-ink-soft">–</span><span className="sr-only">no</span></>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
