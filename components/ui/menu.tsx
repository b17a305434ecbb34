"use client";
import dynamic from "next/dynamic";
import { cloneElement, lazy, Suspense, useState } from "react";
import type { MenuProps } from "./menu-parts";

/*
 * Menus are many and mostly closed: a page has their buttons, and gets what opens them when one is first reached for.
 */
const parts = () => import("./menu-parts");
const OpenMenu = lazy(async () => ({ default: (await parts()).OpenMenu }));

/** A list of choices that opens under its trigger, a button. */
export function Menu(props: MenuProps) {
  const { trigger, onOpenChange } = props;
  const [isWanted, setWanted] = useState(false);
  const closed = cloneElement(trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onPointerEnter: () => void parts(),
    onFocus: () => void parts(),
    onClick: async () => {
      await parts();
      setWanted(true);
      onOpenChange?.(true);
    },
  });
  return isWanted ? (
    <Suspense fallback={closed}>
      <OpenMenu {...props} />
    </Suspense>
  ) : (
    closed
  );
}

export const MenuCheck = dynamic(async () => (await parts()).MenuCheck, { ssr: false });
export const MenuChoice = dynamic(async () => (await parts()).MenuChoice, { ssr: false }) as typeof import("./menu-parts").MenuChoice;
export const MenuGroup = dynamic(async () => (await parts()).MenuGroup, { ssr: false });
export const MenuAction = dynamic(async () => (await parts()).MenuAction, { ssr: false });
export const MenuLink = dynamic(async () => (await parts()).MenuLink, { ssr: false });
