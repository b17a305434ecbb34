"use client";
import { UserPlus } from "lucide-react";
import { type FormEvent, useState, useTransition } from "react";
import { OneTimeLink } from "#components/people/one-time-link";
import { Fault } from "#components/people/fault";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { Field, Input, Select } from "#components/ui/field";
import { ROLES, type Role } from "#lib/access/rules";
import { invitePersonAction } from "../actions";

/** Adds somebody, and shows the link that lets them in. */
export function InvitePerson() {
  const [open, setOpen] = useState(false);
  const [link, setLink] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, start] = useTransition();

  function handleSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    start(async () => {
      const name = String(form.get("name")).trim();
      const result = await invitePersonAction({ email: String(form.get("email")), role: String(form.get("role")) as Role, ...(name && { name }) }).catch(() => null);
      setFault(result?.ok ? null : (result?.error.message ?? "The server cannot be reached. Try again."));
      if (result?.ok) setLink(result.value);
    });
  }

  return (
    <>
      <Button look="primary" onClick={() => { setLink(null); setFault(null); setOpen(true); }}>
        <UserPlus aria-hidden className="size-4" /> Invite somebody
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Invite somebody"
        description={link ? "Pass this link on. It works once, within 72 hours, and is shown this once." : "They set their own password by a link that you pass on."}
        footer={
          link ? (
            <Button look="primary" onClick={() => setOpen(false)}>Done</Button>
          ) : (
            <>
              <Button onClick={() => setOpen(false)}>Close</Button>
              <Button look="primary" type="submit" form="invite" disabled={isBusy}>Make the link</Button>
            </>
          )
        }
      >
        {link ? (
          <OneTimeLink link={link} />
        ) : (
          <form id="invite" onSubmit={handleSubmit} className="flex flex-col gap-3">
            <Fault text={fault} />
            <Field id="invite-email" label="E-mail">
              <Input id="invite-email" name="email" type="email" required maxLength={254} autoComplete="off" />
            </Field>
            <Field id="invite-name" label="Name" hint="From the address unless you say">
              <Input id="invite-name" name="name" maxLength={100} autoComplete="off" aria-describedby="invite-name-hint" />
            </Field>
            <Field id="invite-role" label="Role" hint="A viewer sees, an operator starts and stops, an admin may do everything">
              <Select id="invite-role" name="role" defaultValue="viewer" aria-describedby="invite-role-hint">
                {ROLES.map((role) => <option key={role}>{role}</option>)}
              </Select>
            </Field>
          </form>
        )}
      </Dialog>
    </>
  );
}
