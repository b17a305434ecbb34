"use client";
import { Monitor, Moon, Sun } from "lucide-react";
import { useSyncExternalStore } from "react";
import { THEME_KEY } from "#components/layout/theme-script";
import { buttonClass } from "#components/ui/button";
import { Menu, MenuChoice } from "#components/ui/menu";

type Theme = "light" | "dark" | "system";

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function readTheme(): Theme {
  const set = document.documentElement.dataset.theme;
  return set === "light" || set === "dark" ? set : "system";
}

function setTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem(THEME_KEY);
    else localStorage.setItem(THEME_KEY, theme);
  } catch {
    // Storage is forbidden: the choice holds for this page.
  }
  for (const listener of listeners) listener();
}

const OPTIONS: { value: Theme; label: string }[] = [
  { value: "system", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

export function ThemeMenu() {
  const theme = useSyncExternalStore(subscribe, readTheme, () => "system" as const);
  const Icon = theme === "light" ? Sun : theme === "dark" ? Moon : Monitor;
  return (
    <Menu
      align="end"
      trigger={
        <button type="button" aria-label="Colours" title="Colours" className={buttonClass("quiet", "icon")}>
          <Icon aria-hidden className="size-4" />
        </button>
      }
    >
      <MenuChoice value={theme} onChange={setTheme} options={OPTIONS} />
    </Menu>
  );
}
