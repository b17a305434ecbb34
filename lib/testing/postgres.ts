/** One embedded PostgreSQL for all test files, with a migrated template that each file clones. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startEmbedded } from "#lib/db/embedded";
import { migrate } from "#lib/db/migrate";
import { ROOT } from "#lib/root";

declare module "vitest" {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

export default async function setup(project: TestProject) {
  const home = join(ROOT, ".tmp/test-postgres");
  const earlier = await startEmbedded(home).catch(() => null);
  await earlier?.stop();
  rmSync(home, { recursive: true, force: true });
  const server = await startEmbedded(home);
  await migrate(server.url);
  project.provide("postgresUrl", server.url);
  return async () => {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  };
}
