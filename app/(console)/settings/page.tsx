import type { Route } from "next";
import { redirect } from "next/navigation";
import { SETTING_PAGES } from "#lib/settings/rules";

/** The first of them, which everybody has. */
export default function SettingsPage() {
  redirect(SETTING_PAGES[0].path as Route);
}
