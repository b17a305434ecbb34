/** What the process itself tells: CPU, memory, event loop, connections. */
import { readdirSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { countBusyConnections } from "#lib/db/client";
import { VERSION } from "#lib/version";
import type { MetricName } from "./fields.ts";
import type { Sample, Samples } from "./rules.ts";

/** How often the loop is looked at, in milliseconds; what is measured includes it. */
const RESOLUTION_MS = 10;

const held = globalThis as { penstockLoopDelay?: ReturnType<typeof monitorEventLoopDelay> };

/** Begins to watch the event loop. Called once by a process that is scraped. */
export function watchEventLoop(): void {
  if (held.penstockLoopDelay) return;
  held.penstockLoopDelay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  held.penstockLoopDelay.enable();
}

export function processSamples(): Samples {
  const { heapUsed, heapTotal, external, rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const fds = countOpenFiles();
  const one = (value: number, labels: Record<string, string> = {}): Sample[] => [{ labels, value }];
  const loop = held.penstockLoopDelay;
  const samples: [MetricName, Sample[]][] = [
    ["app_build_info", one(1, { version: VERSION })],
    ["app_db_pool_in_use", one(countBusyConnections())],
    ["process_cpu_seconds_total", one((user + system) / 1e6)],
    ["process_resident_memory_bytes", one(rss)],
    ["process_start_time_seconds", one(Math.round(Date.now() / 1_000 - process.uptime()))],
    ...(fds === null ? [] : ([["process_open_fds", one(fds)]] as [MetricName, Sample[]][])),
    ["nodejs_version_info", one(1, { version: process.version })],
    ["nodejs_heap_size_used_bytes", one(heapUsed)],
    ["nodejs_heap_size_total_bytes", one(heapTotal)],
    ["nodejs_external_memory_bytes", one(external)],
  ];
  if (loop && loop.count > 0) {
    samples.push(["nodejs_eventloop_lag_p50_seconds", one(lag(loop.percentile(50)))], ["nodejs_eventloop_lag_p99_seconds", one(lag(loop.percentile(99)))]);
    loop.reset();
  }
  return new Map(samples);
}

/** Beyond the time between two looks; nanoseconds to seconds. */
const lag = (ns: number): number => Math.max(0, ns / 1e9 - RESOLUTION_MS / 1e3);

function countOpenFiles(): number | null {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return null;
  }
}
