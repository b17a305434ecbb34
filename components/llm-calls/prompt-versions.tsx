import type { Route } from "next";
import Link from "next/link";
import { Time } from "#components/layout/clock";
import { formatCount, formatUsd } from "#lib/format/number";
import type { PromptVersion } from "#lib/llm-usage/queries";

/** The page of a prompt, at one of its versions. */
export const promptHref = (name: string, version?: string): Route => `/ai-audit/prompts/${encodeURIComponent(name)}${version ? `?version=${encodeURIComponent(version)}` : ""}` as Route;

/** What each version of a prompt was used for; each leads to what it said. */
export function PromptVersions({ name, versions, shown }: { name: string; versions: PromptVersion[]; /** The version that is looked at. */ shown?: string }) {
  return (
    <table aria-label={`Versions of ${name}`} className="w-full max-w-3xl text-sm sm:table-fixed">
      <thead>
        <tr className="text-xs text-ink-soft">
          <th scope="col" className="py-1 text-left font-semibold">Version</th>
          <th scope="col" className="py-1 text-right font-semibold sm:w-24">Calls</th>
          <th scope="col" className="w-24 py-1 text-right font-semibold max-sm:hidden">Failed</th>
          <th scope="col" className="py-1 pl-3 text-right font-semibold sm:w-28">Cost</th>
          <th scope="col" className="py-1 pl-6 text-left font-semibold sm:w-44">Last</th>
        </tr>
      </thead>
      <tbody>
        {versions.map(({ version, calls, failed, costUsd, lastAt, isCurrent }) => (
          <tr key={version} className="border-t">
            <th scope="row" className="py-1 text-left font-mono text-xs font-normal">
              <Link href={promptHref(name, version)} aria-current={version === shown ? "true" : undefined} className="text-accent hover:underline aria-[current]:font-semibold aria-[current]:text-ink">{version}</Link>
              {isCurrent && <span className="ml-2 font-sans text-ink-soft">current</span>}
            </th>
            <td className="py-1 text-right tabular-nums">{calls === 0 ? "–" : <Link href={`/ai-audit?template=${encodeURIComponent(name)}` as Route} className="text-accent hover:underline">{formatCount(calls)}</Link>}</td>
            <td className="py-1 text-right tabular-nums max-sm:hidden">{failed > 0 ? formatCount(failed) : "–"}</td>
            <td className="py-1 pl-3 text-right tabular-nums">{costUsd === 0 ? "–" : formatUsd(costUsd)}</td>
            <td className="py-1 pl-6"><Time date={lastAt} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
