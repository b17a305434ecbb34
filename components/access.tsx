"use client";
import { createContext, type ReactNode, useContext } from "react";
import type { Permission } from "#lib/access/rules";

type Access = { name: string; may: ReadonlySet<Permission> };

const AccessContext = createContext<Access>({ name: "", may: new Set() });

/** What whoever has this page open may do. Each verb asks again: this is so that nothing is offered in vain. */
export function AccessProvider({ name, may, children }: { name: string; may: readonly Permission[]; children: ReactNode }) {
  return <AccessContext value={{ name, may: new Set(may) }}>{children}</AccessContext>;
}

export const useMay = (permission: Permission): boolean => useContext(AccessContext).may.has(permission);

/** What only those see who may use it. */
export const IfMay = ({ permission, children, otherwise = null }: { permission: Permission; children: ReactNode; otherwise?: ReactNode }) => (useMay(permission) ? children : otherwise);
