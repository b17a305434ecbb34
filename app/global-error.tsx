"use client";
import { buttonClass } from "#components/ui/button";
import "./globals.css";

/** The root layout itself failed: this stands in for it, so it brings its own document. Every page is sent it, so it is of plain elements. */
export default function GlobalError({ error, retry }: { error: unknown; retry: () => void }) {
  const digest = error instanceof Error && "digest" in error && typeof error.digest === "string" ? error.digest : undefined;
  return (
    <html lang="en">
      <body>
        <title>Penstock could not be loaded</title>
        <main>
          <div role="alert" className="mx-4 my-6 max-w-2xl rounded-md border border-failed/40 bg-failed-wash p-4 sm:mx-6">
            <h1 className="text-lg leading-6 font-semibold">Penstock could not be loaded</h1>
            <p className="mt-1">
              The server met a fault while it prepared this page. Nothing was changed. Try again; if it stays, look for the request id in the server&rsquo;s log, and
              run <code className="font-mono text-sm">./penstock doctor</code>.
            </p>
            {digest && (
              <p className="mt-2 text-sm">
                Request <span className="font-mono">{digest}</span>
              </p>
            )}
            <p className="mt-4 flex flex-wrap gap-2">
              <button type="button" className={buttonClass("primary")} onClick={retry}>
                Try again
              </button>
              <a href="/" className={buttonClass("plain")}>
                Go to the dashboard
              </a>
            </p>
          </div>
        </main>
      </body>
    </html>
  );
}
