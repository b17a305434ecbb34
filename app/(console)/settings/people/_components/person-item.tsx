"use client";
import { Ellipsis } from "lucide-react";
import { useState, useTransition } from "react";
import { Time } from "#components/layout/clock";
import { OneTimeLink } from "#components/people/one-time-link";
import { Button, buttonClass } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { Select } from "#components/ui/field";
import { Menu, MenuAction } from "#components/ui/menu";
import { ROLES, type Role } from "#lib/access/rules";
import type { PersonRow } from "#lib/people/queries";
import type { ActionResult } from "#lib/web/action";
import { changeRoleAction, disablePersonAction, dropSecondFactorAction, enablePersonAction, makeResetLinkAction } from "../actions";

/** One person: what they are, and what can be done about it. */
export function PersonItem({ person, isMe }: { person: PersonRow; isMe: boolean }) {
  const { id, email, name, role, disabledAt, hasJoined, twoFactorEnabled, lastSignInAt } = person;
  const [fault, setFault] = useState<string | null>(null);
  const [link, setLink] = useState<string | null>(null);
  const [isAsking, setAsking] = useState(false);
  const [isBusy, start] = useTransition();

  function act<T>(verb: () => Promise<ActionResult<T>>, then?: (value: T) => void) {
    start(async () => {
      const result = await verb().catch(() => null);
      setFault(result?.ok ? null : (result?.error.message ?? "The server cannot be reached. Try again."));
      if (result?.ok) then?.(result.value);
    });
  }

  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b px-4 py-2.5 sm:px-6" aria-label={name}>
      <div className="min-w-0 grow basis-56">
        <p className="font-medium break-words">
          {name}
          {isMe && <span className="ml-2 font-normal text-ink-soft">you</span>}
        </p>
        <p className="text-sm break-words text-ink-soft">{email}</p>
      </div>
      <p className="basis-44 text-sm text-ink-soft">
        {disabledAt ? "Disabled" : hasJoined ? <>Signed in {lastSignInAt ? <Time date={lastSignInAt} /> : "never"}</> : "Invited, not here yet"}
        {twoFactorEnabled && ", two steps"}
      </p>
      <div className="flex items-center gap-1 max-sm:ml-auto">
        <Select aria-label={`Role of ${name}`} className="w-28" value={role} disabled={isBusy || disabledAt !== null} onChange={({ target }) => act(() => changeRoleAction({ id, role: target.value as Role }))}>
          {ROLES.map((one) => <option key={one}>{one}</option>)}
        </Select>
        <Menu
          align="end"
          trigger={
            <button type="button" aria-label={`More about ${name}`} disabled={isBusy} className={buttonClass("quiet", "icon")}>
              <Ellipsis aria-hidden className="size-4" />
            </button>
          }
        >
          {!disabledAt && <MenuAction onSelect={() => act(() => makeResetLinkAction({ id }), setLink)}>{hasJoined ? "Make a link for a new password" : "Make a new invitation link"}</MenuAction>}
          {twoFactorEnabled && <MenuAction onSelect={() => act(() => dropSecondFactorAction({ id }))}>Take away the second factor</MenuAction>}
          {disabledAt ? <MenuAction onSelect={() => act(() => enablePersonAction({ id }))}>Enable</MenuAction> : <MenuAction onSelect={() => setAsking(true)}>Disable</MenuAction>}
        </Menu>
      </div>
      {fault && <p role="alert" className="basis-full text-sm text-failed">{fault}</p>}
      <Dialog
        open={isAsking}
        onOpenChange={setAsking}
        title={`Disable ${name}?`}
        description="They are signed out everywhere at once, and their links and API keys open nothing. What they did stays. You can enable them again."
        footer={
          <>
            <Button onClick={() => setAsking(false)}>Keep it as it is</Button>
            <Button look="danger" disabled={isBusy} onClick={() => { setAsking(false); act(() => disablePersonAction({ id })); }}>Disable {name}</Button>
          </>
        }
      />
      <Dialog open={link !== null} onOpenChange={(isOpen) => !isOpen && setLink(null)} title={`A link for ${name}`} description="Pass it on. It works once, and is shown this once; their password holds until then." footer={<Button look="primary" onClick={() => setLink(null)}>Done</Button>}>
        {link && <OneTimeLink link={link} />}
      </Dialog>
    </li>
  );
}
