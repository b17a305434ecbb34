import { Time } from "#components/layout/clock";
import type { KeyState } from "#lib/keys/fields";
import type { KeyRow } from "#lib/keys/queries";
import { RevokeKey } from "./revoke-key";

const CELL = "border-t px-2 py-2 align-top first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";
const HEAD = "h-8 px-2 text-left text-xs font-semibold text-ink-soft first:pl-4 last:pr-4 sm:first:pl-6 sm:last:pr-6";
const STATES: Record<KeyState, [mark: string, className: string]> = { live: ["●", "text-completed"], expired: ["○", "text-ink-soft"], revoked: ["■", "text-ink-soft"] };

/** Keys with what they may and when they were last used; never their secrets, which nobody has. */
export function KeyList({ keys, showsOwner }: { keys: KeyRow[]; showsOwner: boolean }) {
  return (
    <table aria-label="API keys" className="w-full text-sm">
      <thead>
        <tr>
          <th scope="col" className={HEAD}>Key</th>
          {showsOwner && <th scope="col" className={`${HEAD} max-sm:hidden`}>Owner</th>}
          <th scope="col" className={HEAD}>May</th>
          <th scope="col" className={`${HEAD} max-md:hidden`}>Made</th>
          <th scope="col" className={`${HEAD} max-md:hidden`}>Last used</th>
          <th scope="col" className={`${HEAD} max-sm:hidden`}>Ends</th>
          <th scope="col" className={HEAD}><span className="sr-only">Revoke</span></th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr key={key.id} className={key.state === "live" ? undefined : "text-ink-soft"}>
            <th scope="row" className={`${CELL} text-left font-normal`}>
              <span className="font-semibold break-words">{key.name}</span>
              <span className="mt-0.5 block font-mono text-xs text-ink-soft">{key.id}</span>
              {key.state !== "live" && <StateMark state={key.state} />}
              <span className="block text-xs text-ink-soft md:hidden">
                {showsOwner && <span className="sm:hidden">{ownerOf(key)} · </span>}
                {key.lastUsedAt ? <>used <Time date={key.lastUsedAt} /></> : "never used"}
                <span className="sm:hidden"> · ends <Time date={key.expiresAt} /></span>
              </span>
            </th>
            {showsOwner && <td className={`${CELL} break-words max-sm:hidden`} title={key.ownerEmail ?? undefined}>{ownerOf(key)}</td>}
            <td className={CELL}>
              {key.role}
              {key.permissions && (
                <details className="text-xs text-ink-soft">
                  <summary className="cursor-pointer">only {key.permissions.length} of its permissions</summary>
                  <ul className="mt-1 font-mono">{key.permissions.map((permission) => <li key={permission}>{permission}</li>)}</ul>
                </details>
              )}
            </td>
            <td className={`${CELL} whitespace-nowrap max-md:hidden`}><Time date={key.createdAt} /><span className="block text-xs text-ink-soft">by {key.createdBy}</span></td>
            <td className={`${CELL} whitespace-nowrap max-md:hidden`}>{key.lastUsedAt ? <Time date={key.lastUsedAt} /> : "never"}</td>
            <td className={`${CELL} whitespace-nowrap max-sm:hidden`}><Time date={key.expiresAt} /></td>
            <td className={`${CELL} text-right`}>{key.state === "live" && <RevokeKey id={key.id} name={key.name} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const ownerOf = (key: KeyRow): string => key.owner ?? "this machine";

function StateMark({ state }: { state: KeyState }) {
  const [mark, className] = STATES[state];
  return <span className={`block text-xs ${className}`}><span aria-hidden>{mark}</span> {state}</span>;
}
