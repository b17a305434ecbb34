import { EXIT, type Io, type Options } from "../command.ts";

export const options = {} satisfies Options;
export const details = "What GET /api/v1/openapi.json answers, without a server or a database: OpenAPI 3.1, for programs that make clients of it. /docs shows it to people.";
export const examples = ["./penstock openapi > penstock.openapi.json"];

export async function run(io: Io): Promise<number> {
  const { apiDocument } = await import("#lib/api/openapi");
  io.out(`${JSON.stringify(apiDocument(), null, 2)}\n`);
  return EXIT.done;
}
