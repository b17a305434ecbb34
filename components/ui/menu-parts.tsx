"use client";
import { Menu as Headless } from "@base-ui/react/menu";
import { Check as CheckIcon } from "lucide-react";
import type { ComponentProps, ReactElement, ReactNode } from "react";

const ITEM =
  "flex min-h-8 cursor-default items-center gap-2 rounded-sm px-2 text-sm outline-none select-none data-highlighted:bg-hover data-disabled:opacity-55";

export type MenuProps = { trigger: ReactElement<ComponentProps<"button">>; children: ReactNode; align?: "start" | "end"; onOpenChange?: (open: boolean) => void };

/** A list of choices that opens under its trigger; open from the start, since it is drawn when it is asked for. */
export function OpenMenu({ trigger, children, align = "start", onOpenChange }: MenuProps) {
  return (
    <Headless.Root defaultOpen onOpenChange={onOpenChange}>
      <Headless.Trigger render={trigger} />
      <Headless.Portal>
        <Headless.Positioner sideOffset={4} align={align} className="z-50">
          <Headless.Popup className="max-h-[min(26rem,var(--available-height))] min-w-44 overflow-y-auto rounded-md border bg-float p-1 shadow-float transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0">
            {children}
          </Headless.Popup>
        </Headless.Positioner>
      </Headless.Portal>
    </Headless.Root>
  );
}

/** Something that happens, and closes the menu. */
export function MenuAction({ onSelect, children }: { onSelect: () => void; children: ReactNode }) {
  return (
    <Headless.Item onClick={onSelect} className={ITEM}>
      {children}
    </Headless.Item>
  );
}

/** Leads to a file or a page, and closes the menu. */
export function MenuLink({ href, download, children }: { href: string; download?: boolean; children: ReactNode }) {
  return (
    <Headless.Item closeOnClick render={<a href={href} download={download} />} className={ITEM}>
      {children}
    </Headless.Item>
  );
}

export type MenuCheckProps = { checked: boolean; onChange: (checked: boolean) => void } & ({ children: ReactNode } | { /** Drawn instead of a box and words. */ look: ReactNode; label: string });

/** One of several that may be on together; the menu stays open. */
export function MenuCheck({ checked, onChange, ...rest }: MenuCheckProps) {
  if ("look" in rest) {
    return (
      <Headless.CheckboxItem checked={checked} onCheckedChange={onChange} closeOnClick={false} aria-label={rest.label} title={rest.label} className={`${ITEM} text-line-strong data-checked:text-failed data-highlighted:text-ink`}>
        {rest.look}
      </Headless.CheckboxItem>
    );
  }
  return (
    <Headless.CheckboxItem checked={checked} onCheckedChange={onChange} closeOnClick={false} className={ITEM}>
      <span className="flex size-4 items-center justify-center rounded-[3px] border border-line-strong">
        <Headless.CheckboxItemIndicator>
          <CheckIcon aria-hidden className="size-3" strokeWidth={3} />
        </Headless.CheckboxItemIndicator>
      </span>
      {rest.children}
    </Headless.CheckboxItem>
  );
}

/** Exactly one of several. */
export function MenuChoice<T extends string>({ value, onChange, options }: { value: T; onChange: (value: T) => void; options: { value: T; label: ReactNode }[] }) {
  return (
    <Headless.RadioGroup value={value} onValueChange={onChange}>
      {options.map((option) => (
        <Headless.RadioItem key={option.value} value={option.value} closeOnClick className={ITEM}>
          <span className="flex size-4 items-center justify-center">
            <Headless.RadioItemIndicator>
              <CheckIcon aria-hidden className="size-3.5" strokeWidth={2.5} />
            </Headless.RadioItemIndicator>
          </span>
          {option.label}
        </Headless.RadioItem>
      ))}
    </Headless.RadioGroup>
  );
}

export function MenuGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Headless.Group>
      <Headless.GroupLabel className="px-2 pt-2 pb-1 text-xs font-semibold text-ink-soft">{label}</Headless.GroupLabel>
      {children}
    </Headless.Group>
  );
}
