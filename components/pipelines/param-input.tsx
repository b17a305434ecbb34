import { Field, Input, Select } from "#components/ui/field";
import type { ParamField } from "#lib/stages/queries";

/** One parameter as the control that fits its kind. */
export function ParamInput({ id, field, fault }: { id: string; field: ParamField; fault?: string }) {
  const { name, label, kind, choices = [], description, min, max } = field;
  const given = field.default === null || typeof field.default === "object" ? undefined : String(field.default);
  const common = { id, name, "aria-describedby": `${id}-hint`, "aria-invalid": fault ? true : undefined };

  if (kind === "boolean") {
    return (
      <div className="flex flex-col gap-1">
        <label htmlFor={id} className="flex min-h-8 items-center gap-2 text-sm font-medium">
          <input {...common} type="checkbox" defaultChecked={field.default === true} className="size-4 accent-accent" />
          {label}
        </label>
        <p id={`${id}-hint`} className={fault ? "text-xs font-medium text-failed" : "text-xs text-ink-soft"}>
          {fault ?? description}
        </p>
      </div>
    );
  }
  return (
    <Field id={id} label={label} hint={hintOf(field)} fault={fault}>
      {kind === "choice" ? (
        <Select {...common} defaultValue={given ?? ""}>
          {given === undefined && <option value="">Any</option>}
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </Select>
      ) : kind === "text" ? (
        <Input {...common} defaultValue={given} autoComplete="off" />
      ) : (
        <Input {...common} type="number" inputMode={kind === "integer" ? "numeric" : "decimal"} step={kind === "integer" ? 1 : "any"} min={min} max={max} defaultValue={given} />
      )}
    </Field>
  );
}

function hintOf({ description, min, max }: ParamField): string | undefined {
  const bounds = min !== undefined && max !== undefined ? `${min} to ${max}` : min !== undefined ? `${min} or more` : max !== undefined ? `${max} or less` : null;
  return [description, bounds].filter(Boolean).join(description?.endsWith(".") ? " " : " · ") || undefined;
}
