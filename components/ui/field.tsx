import type { ComponentProps, ReactNode } from "react";
import { classNames } from "#components/ui/class-names";

const CONTROL = "h-8 w-full min-w-0 rounded-md border border-line-strong bg-surface px-2 text-base text-ink placeholder:text-ink-soft aria-invalid:border-failed";

export const Input = ({ className, ...rest }: ComponentProps<"input">) => <input className={classNames(CONTROL, className)} {...rest} />;
export const Select = ({ className, ...rest }: ComponentProps<"select">) => <select className={classNames(CONTROL, className)} {...rest} />;

/**
 * A label above its control, what it means below, and the fault instead when there is one.
 * The control must carry `id`, and `aria-describedby={`${id}-hint`}`.
 */
export function Field({ id, label, hint, fault, children }: { id: string; label: string; hint?: string; fault?: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children}
      <p id={`${id}-hint`} className={classNames("text-xs empty:hidden", fault ? "font-medium text-failed" : "text-ink-soft")}>
        {fault ?? hint}
      </p>
    </div>
  );
}
