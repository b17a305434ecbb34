"use client";
import type { Route } from "next";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { Dialog } from "#components/ui/dialog";
import { Skeleton } from "#components/ui/skeleton";

const PaletteList = dynamic(() => import("./palette-list"), { ssr: false, loading: () => <Skeleton className="h-40" /> });

/** `mod+k`: go anywhere by typing. Its parts are loaded when it is first opened. */
export function Palette() {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      setOpen((is) => !is);
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <Dialog open={open} onOpenChange={setOpen} title="Go to">
      {open && (
        <PaletteList
          onGo={(href) => {
            setOpen(false);
            router.push(href as Route);
          }}
        />
      )}
    </Dialog>
  );
}
