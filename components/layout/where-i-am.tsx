"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { PAGES } from "#components/layout/nav";
import { classNames } from "#components/ui/class-names";
import { SETTING_PAGES } from "#lib/settings/rules";

/** The page, and the run within it. The page's own heading says the same in full: this is the way back up. */
export function WhereIAm() {
  const pathname = usePathname();
  const [first, second] = pathname.split("/").filter(Boolean);
  const page = PAGES.find(({ href, also }) => href === `/${first ?? ""}` || also === `/${first}`);
  if (!page) return first === "docs" ? <p className="truncate font-semibold max-sm:text-sm">API</p> : null;
  const within = page.also === `/${first}` ? first : second;
  const word = within && wordOf(`/${first}/${within}`, within);
  if (!within) return <p className="truncate font-semibold max-sm:text-sm">{page.word}</p>;
  return (
    <nav aria-label="Where I am" className="flex min-w-0 items-center gap-1.5 max-sm:text-sm">
      <Link href={page.href} className="py-0.5 text-ink-soft hover:text-ink hover:underline">
        {page.word}
      </Link>
      <span aria-hidden className="text-ink-soft">
        /
      </span>
      <span aria-current="page" className={classNames("truncate text-sm font-medium", !word && "font-mono")}>
        {word ?? nameOf(decodeURIComponent(within))}
      </span>
    </nav>
  );
}

/** A UUID is known by its first eight digits; the page says it in full. */
const nameOf = (part: string): string => (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(part) ? part.slice(0, 8) : part);

/** A part of a page by its word, a thing by its id: null. */
function wordOf(path: string, part: string): string | null {
  const setting = SETTING_PAGES.find((page) => page.path === path);
  if (setting) return setting.word;
  return /^[a-z]+$/.test(part) ? part.charAt(0).toUpperCase() + part.slice(1) : null;
}
