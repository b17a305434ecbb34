"use client";
import { Dialog as Headless } from "@base-ui/react/dialog";
import type { ReactNode } from "react";

/**
 * A question or a sheet over the page. Escape and a click beside it close it; focus returns to where it was. The button that does
 * nothing is Close, or says what is kept (Keep it running) where the other would end something; Cancel is what is done to runs.
 */
export type DialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  footer?: ReactNode;
};

/** The dialog itself. */
export function DialogWindow({ open, onOpenChange, title, description, children, footer }: DialogProps) {
  return (
    <Headless.Root open={open} onOpenChange={onOpenChange}>
      <Headless.Portal>
        <Headless.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Headless.Popup className="fixed top-1/2 left-1/2 z-50 max-h-[85dvh] w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 overflow-y-auto rounded-md border bg-float p-5 shadow-float transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0">
          <Headless.Title className="text-lg font-semibold">{title}</Headless.Title>
          {description && <Headless.Description render={<div />} className="mt-2 text-ink-soft">{description}</Headless.Description>}
          {children && <div className="mt-4">{children}</div>}
          {footer && <div className="mt-5 flex flex-wrap justify-end gap-2">{footer}</div>}
        </Headless.Popup>
      </Headless.Portal>
    </Headless.Root>
  );
}
