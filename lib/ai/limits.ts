/** What keeps a process from harming an endpoint, and itself: one circuit per endpoint, so many calls at a time per stage. */
import "server-only";
import { BrokenCircuitError, type BulkheadPolicy, bulkhead, CircuitBreakerPolicy, circuitBreaker, ConsecutiveBreaker, handleWhen } from "cockatiel";
import { isEndpointFault, LlmError } from "./llm-error.ts";

/** The circuit opens after so many faults of the endpoint in a row. */
export const FAULTS_TO_OPEN = 5;

const circuits = new Map<string, CircuitBreakerPolicy>();
const lanes = new Map<string, { limit: number; policy: BulkheadPolicy }>();

/**
 * Runs one call through the endpoint's circuit. Once it has failed `FAULTS_TO_OPEN` times in a row, calls are refused without
 * asking it; after `pauseMs` one is let through, and its fate decides.
 *
 * @throws LlmError of class `CircuitOpen`; what `call` throws
 */
export async function throughCircuit<T>(endpoint: { url: string; provider: string; model: string }, pauseMs: number, call: () => Promise<T>): Promise<T> {
  const key = `${endpoint.url} ${pauseMs}`;
  let circuit = circuits.get(key);
  if (!circuit) {
    circuit = circuitBreaker(handleWhen(isEndpointFault), { halfOpenAfter: pauseMs, breaker: new ConsecutiveBreaker(FAULTS_TO_OPEN) });
    circuits.set(key, circuit);
  }
  try {
    return await circuit.execute(call);
  } catch (error) {
    if (!(error instanceof BrokenCircuitError)) throw error;
    const seconds = Math.max(1, Math.round(pauseMs / 1_000));
    throw new LlmError(`${endpoint.provider} failed ${FAULTS_TO_OPEN} times in a row and is left alone for ${seconds} s: this question was not sent.`, { ...endpoint, kind: "CircuitOpen", cause: error });
  }
}

/** Whether the next call would be refused. */
export const isCircuitOpen = (url: string, pauseMs: number): boolean => circuits.get(`${url} ${pauseMs}`)?.state === 1;

/**
 * Runs `call` when fewer than `limit` of its lane are running in this process, after those that came before it.
 *
 * @throws what `signal` was aborted with while it waited; what `call` throws
 */
export async function inLane<T>(lane: string, limit: number, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  let known = lanes.get(lane);
  if (known?.limit !== limit) {
    known = { limit, policy: bulkhead(limit, Number.POSITIVE_INFINITY) };
    lanes.set(lane, known);
  }
  let started = false;
  const done = known.policy.execute(() => {
    started = true;
    return call();
  }, signal);
  // One that waits in line hears of the abort at once, not when its turn comes.
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => { if (!started) reject(signal.reason); };
    signal.addEventListener("abort", onAbort, { once: true });
    done.then(resolve, (error: unknown) => reject(signal.aborted && !started ? signal.reason : error)).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
