"use client";
import { Plus } from "lucide-react";
import { type FormEvent, useState, useTransition } from "react";
import { CopyButton } from "#components/ui/copy-button";
import { Button } from "#components/ui/button";
import { Dialog } from "#components/ui/dialog";
import { Field, Input, Select } from "#components/ui/field";
import { type Permission, PERMISSIONS, PERMISSIONS_OF, ROLES, type Role } from "#lib/access/rules";
import { DEFAULT_EXPIRY_DAYS, MAX_EXPIRY_DAYS } from "#lib/keys/fields";
import type { MadeKey } from "#lib/keys/mutations";
import type { ActionError } from "#lib/web/action";
import { makeKeyAction } from "../actions";

const EXPIRIES = [7, 30, DEFAULT_EXPIRY_DAYS, 180, MAX_EXPIRY_DAYS];

/** Makes a key, and shows its secret: this once, as nothing keeps it. */
export function MakeKey({ may }: { may: Permission[] }) {
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<MadeKey | null>(null);

  return (
    <>
      <Button look="primary" onClick={() => { setMade(null); setOpen(true); }}>
        <Plus aria-hidden className="size-4" /> Make a key
      </Button>
      {made ? (
        <Dialog
          open={open}
          onOpenChange={setOpen}
          title={`The key “${made.name}”`}
          description="Copy it now and keep it where only its program can read it: it is not shown again, and nobody can look it up."
          footer={<Button look="primary" onClick={() => setOpen(false)}>I have it</Button>}
        >
          <p className="flex items-start gap-2 rounded-md border bg-surface p-2">
            <code data-testid="token" className="min-w-0 flex-1 font-mono text-sm break-all select-all">{made.token}</code>
            <CopyButton text={made.token} label="Copy the key" />
          </p>
        </Dialog>
      ) : (
        <Dialog open={open} onOpenChange={setOpen} title="Make a key" description="It can do no more than you can, now and later.">
          <KeyForm may={may} onMade={setMade} onLeave={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  );
}

function KeyForm({ may, onMade, onLeave }: { may: Permission[]; onMade: (made: MadeKey) => void; onLeave: () => void }) {
  const roles = ROLES.filter((role) => PERMISSIONS_OF[role].every((permission) => may.includes(permission)));
  const [role, setRole] = useState<Role>(roles[0] ?? "viewer");
  const [isWhole, setWhole] = useState(true);
  const [error, setError] = useState<ActionError | null>(null);
  const [isPending, startTransition] = useTransition();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = { name: String(form.get("name") ?? ""), role, permissions: isWhole ? null : (form.getAll("permissions") as Permission[]), expiresInDays: Number(form.get("expires")) };
    startTransition(async () => {
      const result = await makeKeyAction(input);
      if (result.ok) onMade(result.value);
      else setError(result.error);
    });
  }

  const faultOf = (name: string) => error?.faults.find(({ path }) => path === name)?.message;
  const control = (id: string, name: string) => ({ id, "aria-describedby": `${id}-hint`, "aria-invalid": faultOf(name) !== undefined || undefined });

  return (
    <form onSubmit={submit} noValidate className="grid gap-3">
      <Field id="key-name" label="Name" hint="What will use it, such as ci" fault={faultOf("name")}>
        <Input {...control("key-name", "name")} name="name" maxLength={100} autoComplete="off" />
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field id="key-role" label="Role" hint={`${PERMISSIONS_OF[role].length} permissions`} fault={faultOf("role")}>
          <Select {...control("key-role", "role")} value={role} onChange={(event) => setRole(roles.find((one) => one === event.target.value) ?? role)}>
            {roles.map((one) => <option key={one}>{one}</option>)}
          </Select>
        </Field>
        <Field id="key-expires" label="Ends after" hint="Then it opens nothing any more" fault={faultOf("expiresInDays")}>
          <Select {...control("key-expires", "expiresInDays")} name="expires" defaultValue={DEFAULT_EXPIRY_DAYS}>
            {EXPIRIES.map((days) => <option key={days} value={days}>{days} days</option>)}
          </Select>
        </Field>
      </div>
      <fieldset className="grid gap-1">
        <legend className="mb-1 text-sm font-medium">Permissions</legend>
        <label className="flex min-h-7 items-center gap-2"><input type="radio" name="whole" checked={isWhole} onChange={() => setWhole(true)} className="size-4 accent-accent" /> All of the role</label>
        <label className="flex min-h-7 items-center gap-2"><input type="radio" name="whole" checked={!isWhole} onChange={() => setWhole(false)} className="size-4 accent-accent" /> Only these</label>
        {!isWhole && (
          <ul className="mt-1 grid gap-1 border-l pl-3">
            {PERMISSIONS_OF[role].map((permission) => (
              <li key={permission}>
                <label className="flex items-start gap-2 text-sm">
                  <input type="checkbox" name="permissions" value={permission} className="mt-0.5 size-4 shrink-0 accent-accent" />
                  <span><code className="font-mono">{permission}</code> <span className="text-ink-soft">{PERMISSIONS[permission]}</span></span>
                </label>
              </li>
            ))}
          </ul>
        )}
        {faultOf("permissions") && <p role="alert" className="text-xs font-medium text-failed">{faultOf("permissions")}</p>}
      </fieldset>
      {error && error.faults.length === 0 && <p role="alert" className="font-medium text-failed">{error.message}</p>}
      <div className="mt-1 flex flex-wrap justify-end gap-2">
        <Button onClick={onLeave}>Close</Button>
        <Button type="submit" look="primary" disabled={isPending}>Make the key</Button>
      </div>
    </form>
  );
}
