import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { THEME_SCRIPT } from "#components/layout/theme-script";
import "./globals.css";

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

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    // The script below may set data-theme before React arrives.
    <html lang="en" suppressHydrationWarning>
      <head>
        <script dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
      </head>
      <body>{children}</body>
    </html>
  );
}
