import type { Metadata, Viewport } from "next";
import localFont from "next/font/local";
import type { ReactNode } from "react";
import { CSPProvider } from "@base-ui/react/csp-provider";
import { THEME_SCRIPT } from "#components/layout/theme-script";
import { DRESS_SCRIPT } from "#components/ui/css";
import { pageNonce } from "#lib/web/ctx";
import "./globals.css";

// The letters of most pages, asked for with the page itself; further alphabets come when they are met (globals.css).
const sans = localFont({ src: "../node_modules/@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2", weight: "200 900", variable: "--font-latin", display: "optional", adjustFontFallback: false });
const mono = localFont({ src: "../node_modules/@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2", weight: "100 800", variable: "--font-latin-mono", display: "optional", adjustFontFallback: false });

export const metadata: Metadata = {
  title: { default: "Penstock", template: "%s · Penstock" },
  description: "The control room for multi-stage data and LLM pipelines.",
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f8fafb" },
    { media: "(prefers-color-scheme: dark)", color: "#10171b" },
  ],
};

/** Zod would find out by trying whether it may compile its parsers, which breaks the content security policy: it is told that it may not. */
const PARSER_SCRIPT = "globalThis.__zod_globalConfig={jitless:true}";

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = await pageNonce();
  return (
    // The script below may set data-theme before React arrives.
    <html lang="en" className={`${sans.variable} ${mono.variable}`} suppressHydrationWarning>
      <head>
        {/* A browser tells no script the nonce of an element, so React finds none to compare. */}
        <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: `${THEME_SCRIPT}${DRESS_SCRIPT};${PARSER_SCRIPT}` }} />
      </head>
      <body>
        <CSPProvider nonce={nonce}>{children}</CSPProvider>
      </body>
    </html>
  );
}
