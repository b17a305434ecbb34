import pg from "pg";

/** Before the first new try, in milliseconds; doubled each time up to the maximum. */
const RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;

export type Listening = { close(): Promise<void> };

/**
 * Holds one connection of its own on which PostgreSQL tells of changes, and opens it anew when it breaks.
 * `onChange` gets the id of the run, or null when it is about no run, and after every (new) connection: what was told
 * meanwhile is lost, look yourself.
 */
export function listen(url: string, onChange: (runId: number | null) => void): Listening {
  let client: pg.Client | null = null;
  let isClosed = false;
  let retryMs = RETRY_MS;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const fresh = new pg.Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 3_000, application_name: "penstock live" });
    client = fresh;
    fresh.on("error", () => {});
    fresh.once("end", retry);
    fresh.on("notification", ({ payload }) => {
      const change = changeIn(payload);
      if (change) onChange(change.runId);
    });
    try {
      await fresh.connect();
      await fresh.query("listen penstock");
      retryMs = RETRY_MS;
      onChange(null);
    } catch {
      await fresh.end().catch(() => {});
      retry();
    }
  }

  function retry(): void {
    if (isClosed || timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      void connect();
    }, retryMs);
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  }

  void connect();
  return {
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}

/** The run in `{"run":123}`, none in `{"import":4}`; null for anything else, since anyone with the database may notify. */
function changeIn(payload: string | undefined): { runId: number | null } | null {
  const [, noun, id] = /^\{"(run|import)"\s*:\s*(\d{1,15})\}$/.exec(payload ?? "") ?? [];
  if (!noun || !Number(id)) return null;
  return { runId: noun === "run" ? Number(id) : null };
}
