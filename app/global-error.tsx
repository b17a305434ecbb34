"use client";
import { PageError } from "#components/layout/page-error";
import "./globals.css";

/** The root layout itself failed: this stands in for it, so it brings its own document. */
export default function GlobalError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <html lang="en">
      <body>
        <title>Penstock could not be loaded</title>
        <main>
          <PageError error={error} retry={retry} what="Penstock" />
        </main>
      </body>
    </html>
  );
}
