import type { ComponentProps } from "react";
import { classNames } from "#components/ui/class-names";

/** A small button that is only an icon, such as in a bar of tools. `label` is what it does. */
export function IconButton({ label, small = false, className, ...rest }: Omit<ComponentProps<"button">, "aria-label"> & { label: string; small?: boolean }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={classNames(
        "inline-flex shrink-0 items-center justify-center rounded-md hover:bg-hover hover:text-ink disabled:cursor-not-allowed disabled:opacity-40",
        "aria-pressed:bg-accent-wash not-aria-pressed:text-ink-soft aria-pressed:text-accent",
        small ? "size-6" : "size-7",
        className,
      )}
      {...rest}
    />
  );
}
