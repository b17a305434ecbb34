import type { ComponentProps } from "react";
import { classNames } from "#components/ui/class-names";

const LOOKS = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover font-semibold",
  plain: "bg-surface text-ink border border-line-strong/60 hover:bg-hover font-medium",
  quiet: "text-ink-soft hover:bg-hover hover:text-ink font-medium",
  danger: "bg-danger text-on-danger hover:brightness-95 font-semibold",
} as const;

export type ButtonLook = keyof typeof LOOKS;

/** The classes of a button, for links that look like one. */
export function buttonClass(look: ButtonLook = "plain", size: "md" | "sm" | "icon" = "md"): string {
  return classNames(
    "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md whitespace-nowrap select-none transition-colors duration-100",
    "disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55",
    size === "md" && "h-8 px-3 text-base",
    size === "sm" && "h-7 px-2 text-sm",
    size === "icon" && "size-8",
    LOOKS[look],
  );
}

type ButtonProps = ComponentProps<"button"> & { look?: ButtonLook; size?: "md" | "sm" | "icon" };

export function Button({ look, size, className, type = "button", ...rest }: ButtonProps) {
  return <button type={type} className={classNames(buttonClass(look, size), className)} {...rest} />;
}
