"use client";
import { BookOpen, CircleUserRound, LogOut, UserCog } from "lucide-react";
import { buttonClass } from "#components/ui/button";
import { Menu, MenuAction, MenuGroup, MenuLink } from "#components/ui/menu";

type Props = { name: string; role: string; onSignOut: () => Promise<unknown> };

/** Who is signed in, what belongs to no page of the rail, and the way out. */
export function PersonMenu({ name, role, onSignOut }: Props) {
  async function handleSignOut() {
    // Signed out or not, the page of signing in says which it is.
    await onSignOut().catch(() => null);
    window.location.assign("/sign-in");
  }
  return (
    <Menu
      align="end"
      trigger={
        <button type="button" aria-label={`${name}, ${role}`} title={`${name}, ${role}`} className={buttonClass("quiet", "icon")}>
          <CircleUserRound aria-hidden className="size-4" />
        </button>
      }
    >
      <MenuGroup label={`${name}, ${role}`}>
        <MenuLink href="/settings/account">
          <UserCog aria-hidden className="size-4" /> Your account
        </MenuLink>
        <MenuLink href="/docs">
          <BookOpen aria-hidden className="size-4" /> API reference
        </MenuLink>
        <MenuAction onSelect={handleSignOut}>
          <LogOut aria-hidden className="size-4" /> Sign out
        </MenuAction>
      </MenuGroup>
    </Menu>
  );
}
