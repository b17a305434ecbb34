/** What one request, one person and one process may take of the server: every limit at its edge, in one place. Isomorphic. */
export const LIMITS = {
  /** Longer addresses are mistakes or attacks, in bytes: 414. */
  urlBytes: 16_384,
  /** All headers of a request, in bytes, well above the limit of its address, so that it is we who refuse that in words: 431. */
  headerBytes: 65_536,
  /** Until the headers of a request are there, in milliseconds: 408. */
  headersMs: 15_000,
  /** Until the last byte of a request, in milliseconds; an archive of mail may take its hour. */
  requestMs: 3_600_000,

  /** A body of JSON, or of a form of ours, in bytes: 413. Archives of mail and files of prices are read as they come. */
  bodyBytes: 1_048_576,
  /** Until the whole of it is there, in milliseconds: 408. */
  bodyMs: 10_000,
  /** How long a file may stop coming in the middle, in milliseconds: 408. */
  fileIdleMs: 30_000,
  /** How deep JSON nests: a filter or a parameter has a few levels, and thousands exhaust the stack of whatever walks it. */
  jsonDepth: 32,
  /** Keys in all objects of a body together. */
  jsonKeys: 20_000,

  /** Requests a second of one person or key, on average: 429. `PENSTOCK_RATE_LIMIT` says otherwise. */
  requestsPerSecond: 100,
  /** And of one address, whoever they say they are, as a multiple of it: a proxy, or an office, is one address. */
  addressFactor: 10,

  /** Live streams of one person or key: 429. A page has one. */
  streamsEach: 20,
  /** And in all: 503. */
  streams: 1_000,

  /** Runs of one person or key that wait to be started: 429. */
  queuedRuns: 1_000,

  /** Without a request for so long a session is over, in milliseconds, and a page that has heard nothing for so long is taken away. */
  sessionIdleMs: 8 * 3_600_000,

  /** How long a statement may take, in milliseconds, before PostgreSQL gives it up: 503, and a page keeps its filters in hand. */
  statementMs: 15_000,
  /** How long to wait for a free connection to the database, in milliseconds: 503. */
  connectMs: 3_000,
  /** How long a transaction may do nothing, in milliseconds, before PostgreSQL ends it. */
  idleTransactionMs: 30_000,
} as const;
