import type { ReactNode } from "react";
import { findSignedInHere } from "#lib/web/ctx";
import ConsoleLayout from "../(console)/layout";

/** In the shell for whoever is signed in. A stranger, and a program that mistyped an address, is answered 404 too, and not sent to sign in. */
export default async function UnknownLayout({ children }: { children: ReactNode }) {
  const isSignedIn = (await findSignedInHere().catch(() => null)) !== null;
  return isSignedIn ? <ConsoleLayout>{children}</ConsoleLayout> : <main>{children}</main>;
}
