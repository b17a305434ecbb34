"use client";
import { lazy, Suspense, useState } from "react";
import type { DialogProps } from "./dialog-parts";

const DialogWindow = lazy(async () => ({ default: (await import("./dialog-parts")).DialogWindow }));

/** A question or a sheet over the page, loaded when it is first opened. */
export function Dialog(props: DialogProps) {
  const [wasOpen, setWasOpen] = useState(false);
  if (props.open && !wasOpen) setWasOpen(true);
  // Once there it stays: closing gives the focus back to where it was.
  return wasOpen || props.open ? (
    <Suspense>
      <DialogWindow {...props} />
    </Suspense>
  ) : null;
}
