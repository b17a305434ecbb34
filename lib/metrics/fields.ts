/** Every metric that Penstock tells, declared once: base units, `_total` on counters, labels of few values. Never a run's id. */

const FAST = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const SLOW = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400];

type Declared = { type: "counter" | "gauge" | "histogram"; help: string; labels: readonly string[]; /** Upper bounds in seconds. */ buckets?: readonly number[] };

export const METRICS = {
  app_build_info: { type: "gauge", help: "1, with the version of Penstock", labels: ["version"] },
  app_database_up: { type: "gauge", help: "1 when the database answered this scrape in time, else 0; what it tells is left out then", labels: [] },
  app_runs_total: { type: "counter", help: "Runs that have ended, those deleted by retention since included", labels: ["pipeline", "status"] },
  app_run_duration_seconds: { type: "histogram", help: "Start to end of runs that this process ended", labels: ["pipeline"], buckets: SLOW },
  app_step_duration_seconds: { type: "histogram", help: "Duration of steps that this process carried out", labels: ["pipeline", "stage"], buckets: SLOW },
  app_queue_depth: { type: "gauge", help: "Units of unfinished runs that wait, or that a worker holds; a run that waits counts as one", labels: ["stage", "state"] },
  app_queue_oldest_timestamp_seconds: { type: "gauge", help: "When the oldest run with waiting units was triggered", labels: ["stage"] },
  app_queue_wait_seconds: { type: "histogram", help: "From the moment in which a unit was due to its claim by this process", labels: ["stage"], buckets: FAST.concat([30, 60, 300, 1_800]) },
  app_workers: { type: "gauge", help: "Workers that have not stopped: alive, draining, or silent", labels: ["state"] },
  app_worker_heartbeat_timestamp_seconds: { type: "gauge", help: "When a worker was heard of last", labels: ["worker"] },
  app_retries_total: { type: "counter", help: "Claims by this process of units that had been claimed before", labels: ["pipeline", "stage"] },
  app_llm_tokens_total: { type: "counter", help: "Tokens of model calls of this process", labels: ["model", "type"] },
  app_llm_cost_usd_total: { type: "counter", help: "What model calls of this process cost, where the price is known", labels: ["model"] },
  app_llm_duration_seconds: { type: "histogram", help: "Duration of model calls of this process, failed ones included", labels: ["model"], buckets: [0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120] },
  app_stats_cache_age_seconds: { type: "gauge", help: "Age of the oldest statistics that are still given from memory", labels: [] },
  app_http_request_duration_seconds: { type: "histogram", help: "Duration of requests, live streams left out", labels: ["route", "method", "code"], buckets: FAST },
  app_db_pool_in_use: { type: "gauge", help: "Connections of this process's pools that are busy", labels: [] },
  process_cpu_seconds_total: { type: "counter", help: "CPU time of this process, user and system", labels: [] },
  process_resident_memory_bytes: { type: "gauge", help: "Resident memory of this process", labels: [] },
  process_start_time_seconds: { type: "gauge", help: "When this process started", labels: [] },
  process_open_fds: { type: "gauge", help: "Open file descriptors, where the system tells", labels: [] },
  nodejs_version_info: { type: "gauge", help: "1, with the version of Node", labels: ["version"] },
  nodejs_heap_size_used_bytes: { type: "gauge", help: "JavaScript heap in use", labels: [] },
  nodejs_heap_size_total_bytes: { type: "gauge", help: "JavaScript heap that was taken", labels: [] },
  nodejs_external_memory_bytes: { type: "gauge", help: "Memory outside of the heap that belongs to its objects", labels: [] },
  nodejs_eventloop_lag_p50_seconds: { type: "gauge", help: "Median delay of the event loop since the last scrape", labels: [] },
  nodejs_eventloop_lag_p99_seconds: { type: "gauge", help: "99th percentile of it", labels: [] },
} as const satisfies Record<string, Declared>;

export type MetricName = keyof typeof METRICS;
export type MetricsOf<T extends Declared["type"]> = { [N in MetricName]: (typeof METRICS)[N]["type"] extends T ? N : never }[MetricName];
export type LabelsOf<N extends MetricName> = Record<(typeof METRICS)[N]["labels"][number], string>;
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];
export const declared = (name: MetricName): Declared => METRICS[name];
