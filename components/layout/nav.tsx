"use client";
import { CalendarClock, Bot, CandlestickChart, Cpu, Ellipsis, Gauge, ListTree, type LucideIcon, OctagonAlert, Settings, SlidersHorizontal, Sparkles } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { Mark } from "#components/layout/mark";
import { classNames } from "#components/ui/class-names";
import { Menu, MenuLink } from "#components/ui/menu";

type Page = { href: Route; word: string; key: string; icon: LucideIcon; /** A phone's bar has it under More. */ offPhone?: true; /** Another address that belongs to it. */ also?: string };

/** The pages there are. `key` follows `g` to go there. */
export const PAGES: readonly Page[] = [
  { href: "/", word: "Dashboard", key: "d", icon: Gauge },
  { href: "/runs", word: "Runs", key: "r", icon: ListTree },
  { href: "/control", word: "Control", key: "c", icon: SlidersHorizontal },
  { href: "/errors", word: "Errors", key: "e", icon: OctagonAlert },
  { href: "/ai-audit", word: "AI audit", key: "a", icon: Sparkles, offPhone: true },
  { href: "/backtests", word: "Backtests", key: "b", icon: CandlestickChart, offPhone: true },
  { href: "/trading", word: "Trading", key: "t", icon: Bot, offPhone: true, also: "/workflow" },
  { href: "/schedules", word: "Schedules", key: "s", icon: CalendarClock, offPhone: true },
  { href: "/workers", word: "Workers", key: "w", icon: Cpu, offPhone: true },
  { href: "/settings", word: "Settings", key: ",", icon: Settings, offPhone: true },
];

const MORE = PAGES.filter(({ offPhone }) => offPhone);
const LINK = "flex items-center rounded-md text-ink-soft hover:bg-hover hover:text-ink aria-[current=page]:font-semibold aria-[current=page]:text-accent sm:aria-[current=page]:bg-accent-wash max-sm:h-14 max-sm:w-full max-sm:flex-col max-sm:justify-center max-sm:gap-0.5 max-sm:text-xs sm:h-9 sm:gap-2.5 sm:px-2.5";

const isAt = (pathname: string, href: string): boolean => (href === "/" ? pathname === "/" : pathname === href || pathname.startsWith(`${href}/`));
const isPage = (pathname: string, { href, also }: Page): boolean => isAt(pathname, href) || (also !== undefined && isAt(pathname, also));

/** A rail on the left; icons alone below 1024 px; a bar at the bottom of a phone. */
export function Nav() {
  const pathname = usePathname();
  return (
    <nav
      aria-label="Pages"
      className="z-30 border-line bg-surface max-sm:fixed max-sm:inset-x-0 max-sm:bottom-0 max-sm:border-t max-sm:pb-[env(safe-area-inset-bottom)] sm:sticky sm:top-0 sm:h-dvh sm:w-14 sm:shrink-0 sm:border-r lg:w-44"
    >
      <Link href="/" className="hidden h-12 items-center gap-2 px-4 font-semibold sm:flex" aria-label="Penstock, to the dashboard">
        <Mark />
        <span className="text-lg tracking-tight max-lg:hidden">Penstock</span>
      </Link>
      <ul className="flex sm:flex-col sm:gap-0.5 sm:px-2 sm:pt-2">
        {PAGES.map((page) => ({ ...page, isHere: isPage(pathname, page) })).map(({ href, word, icon: Icon, offPhone, isHere }) => (
          <li key={href} className={offPhone ? "max-sm:hidden" : "max-sm:flex-1"}>
            <Link
              href={href}
              title={word}
              aria-current={isHere ? "page" : undefined}
              className={LINK}
            >
              <Icon aria-hidden className="size-[18px] shrink-0" />
              <span className="sm:max-lg:sr-only">{word}</span>
            </Link>
          </li>
        ))}
        <li className="max-sm:flex-1 sm:hidden">
          <Menu
            align="end"
            trigger={
              <button type="button" className={classNames(LINK, MORE.some((page) => isPage(pathname, page)) && "font-semibold text-accent!")}>
                <Ellipsis aria-hidden className="size-[18px] shrink-0" />
                More
              </button>
            }
          >
            {MORE.map(({ href, word, icon: Icon }) => (
              <MenuLink key={href} href={href}>
                <Icon aria-hidden className="size-4" /> {word}
              </MenuLink>
            ))}
          </Menu>
        </li>
      </ul>
    </nav>
  );
}
