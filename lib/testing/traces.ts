/**
 * Runs with many steps, written straight into a database: for measuring and for looking at the Run page.
 *
 *   node --conditions=react-server lib/testing/traces.ts <home> <steps>…   prints the id of each run
 */
import pg from "pg";
import { connect } from "#lib/db/connect";
import { parseEnv } from "#lib/env";

const STEPS_PER_UNIT = 250;

export type MadeTrace = { steps: number; stage?: string; /** One step of so many fails; 0: none. */ failing?: number; /** Laid over the output of every step. */ salt?: number };

/**
 * A run of `steps` steps that ended: units of 250 on four workers, in them messages of five steps each, nested.
 *
 * @returns its id
 */
export async function makeTrace(client: pg.ClientBase | pg.Pool, { steps, stage = "content", failing = 97, salt = 0 }: MadeTrace): Promise<number> {
  const units = Math.max(1, Math.ceil(steps / STEPS_PER_UNIT));
  const { rows: [run] } = await client.query<{ id: string }>(
    `insert into runs (pipeline, stage, status, started_at, completed_at, duration_ms, units_total, units_done, items_processed, items_failed, last_step_seq, params, config_snapshot, error_class, error_message)
     values ('mail', $1, case when $4 > 0 then 'partial' else 'completed' end::run_status, now() - interval '1 hour', now() - interval '1 hour' + $2 * interval '1 ms', $2, $3, $3, $5 / 5, 0, $5,
             jsonb_build_object('batchSize', 50 + $6::int), '{"model": "local", "apiKey": "k-secret-1"}',
             case when $4 > 0 then 'TypeError' end, case when $4 > 0 then 'Cannot read properties of undefined (reading ''parts'')' end)
     returning id`,
    [stage, Math.ceil(units / 4) * STEPS_PER_UNIT * 10 + 60, units, failing, steps, salt],
  );
  const runId = Number(run?.id);
  await client.query(
    `insert into run_units (run_id, seq, kind, wave, name, status, attempt, items_done, items_total, started_at, completed_at, duration_ms)
     select $1, u, case when u = 0 then 'plan' else 'work' end::unit_kind, case when u = 0 then 0 else 1 end, case when u = 0 then 'plan' else 'messages ' || (u - 1) * 50 + 1 || ' to ' || u * 50 end,
            'completed', 1, case when u = 0 then 0 else 50 end, case when u = 0 then null else 50 end, began, began + took * interval '1 ms', took
       from (select u, r.started_at + case when u = 0 then 0 else 50 + ((u - 1) / 4) * 2500 end * interval '1 ms' as began, case when u = 0 then 45 else 2500 - u % 4 end as took
               from generate_series(0, $2::int) u, runs r where r.id = $1) made`,
    [runId, units],
  );
  await client.query(
    `insert into run_steps (run_id, seq, unit_seq, parent_seq, step_name, step_key, status, input_json, output_json, error_class, error, duration_ms, started_at, completed_at)
     select $1, n, unit, case when part > 0 then n - part end, (array['message', 'parse', 'extract entities', 'ask model', 'save'])[part + 1], (array['message', 'parse', 'extract entities', 'ask model', 'save'])[part + 1] || '#' || nth / 5 + 1,
            case when fails then 'error' when n % 41 = 0 and part = 3 then 'skip' else 'ok' end::step_status,
            json_build_object('message', n / 5, 'headers', json_build_object('from', 'Ada <ada@example.com>', 'subject', 'مرحبا 👋 number ' || n), 'token', 'hunter2')::text,
            case when not fails then json_build_object('words', n % 300, 'salt', $4::int, 'entities', json_build_array('Ada', 'Berlin', n))::text end,
            case when fails then 'TypeError' end,
            case when fails then 'Cannot read properties of undefined (reading ''parts'')' || E'\n    at parse (mime.ts:41:7)\n    at run (unit.ts:12:3)' end,
            took, began, began + took * interval '1 ms'
       from (select n, 1 + (n - 1) / ${STEPS_PER_UNIT} as unit, (n - 1) % 5 as part, (n - 1) % ${STEPS_PER_UNIT} as nth, $3::int > 0 and n % greatest($3::int, 1) = 0 as fails,
                    case when (n - 1) % 5 = 0 then 48 else 9 end as took,
                    r.started_at + (50 + (((n - 1) / ${STEPS_PER_UNIT}) / 4) * 2500 + ((n - 1) % ${STEPS_PER_UNIT}) * 10) * interval '1 ms' as began
               from generate_series(1, $2::int) n, runs r where r.id = $1) made`,
    [runId, steps, failing, salt],
  );
  return runId;
}

if (process.argv[1]?.endsWith("lib/testing/traces.ts")) {
  const [home = "", ...sizes] = process.argv.slice(2);
  const { url, release } = await connect(parseEnv({ PENSTOCK_HOME: home }));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const [index, size] of sizes.entries()) process.stdout.write(`${await makeTrace(client, { steps: Number(size), salt: index })}\n`);
  await client.end();
  await release();
}
