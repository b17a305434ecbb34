/** The YAML files that PENSTOCK_PIPELINES names, read and judged whole: every fault with its file and line, all at once. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { type Document, isMap, isNode, isScalar, LineCounter, parseAllDocuments } from "yaml";
import { z } from "zod";
import { AppError, type Fault, messageOf } from "#lib/errors";
import { DeclaredPipeline } from "./declared.ts";

export type DeclaredFile = { file: string; folder: string; declared: DeclaredPipeline };

const MAX_FILE_BYTES = 1_000_000;

type Found = { at: string; path: (string | number)[]; message: string };

/**
 * @param named files and folders, separated as PATH is; of a folder its *.yaml and *.yml
 * @param taken names of pipelines that there are already
 * @throws AppError INVALID with every fault of every file
 */
export function readDeclaredFiles(named: string, taken: readonly string[]): DeclaredFile[] {
  const faults: Found[] = [];
  const made: DeclaredFile[] = [];
  const names = new Map(taken.map((name) => [name, "Penstock itself"]));
  for (const file of listFiles(named, faults)) {
    for (const { declared, faults: found, at } of readFile(file)) {
      faults.push(...found);
      const owner = declared && names.get(declared.pipeline);
      if (owner) faults.push({ at, path: ["pipeline"], message: `there is a pipeline "${declared.pipeline}" already, in ${owner}` });
      if (declared && !owner) names.set(declared.pipeline, file);
      if (declared && found.length === 0) made.push({ file, folder: dirname(file), declared });
    }
  }
  if (faults.length === 0) return made;
  const lines = faults.map(({ at, path, message }) => `  ${at}: ${path.length > 0 ? `${path.join(".")} ` : ""}${message}`);
  const told: Fault[] = faults.map(({ at, path, message }) => ({ path: `${at}${path.length > 0 ? ` ${path.join(".")}` : ""}`, message }));
  throw new AppError("INVALID", `The pipelines that PENSTOCK_PIPELINES names are not right. Correct ${faults.length === 1 ? "this" : `these ${faults.length} faults`} and start again:\n${lines.join("\n")}`, { faults: told });
}

function listFiles(named: string, faults: Found[]): string[] {
  return [...new Set(named.split(delimiter).filter(Boolean).map((path) => resolve(path)))].flatMap((path) => {
    try {
      if (!statSync(path).isDirectory()) return [path];
      const files = readdirSync(path).filter((name) => /\.ya?ml$/.test(name)).toSorted().map((name) => join(path, name));
      if (files.length === 0) faults.push({ at: path, path: [], message: "holds no .yaml file" });
      return files;
    } catch {
      faults.push({ at: path, path: [], message: "does not exist" });
      return [];
    }
  });
}

type Read = { declared: DeclaredPipeline | null; faults: Found[]; at: string };

function readFile(file: string): Read[] {
  let text: string;
  try {
    if (statSync(file).size > MAX_FILE_BYTES) return [{ declared: null, at: file, faults: [{ at: file, path: [], message: `is larger than ${MAX_FILE_BYTES / 1_000_000} MB` }] }];
    text = readFileSync(file, "utf8");
  } catch (error) {
    return [{ declared: null, at: file, faults: [{ at: file, path: [], message: `cannot be read: ${messageOf(error)}` }] }];
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  if (documents.length === 0) return [{ declared: null, at: file, faults: [{ at: file, path: [], message: "is empty" }] }];
  return (documents as Document[]).map((document) => readDocument(file, document, lines));
}

function readDocument(file: string, document: Document, lines: LineCounter): Read {
  const placeOf = (offset: number) => `${file}:${lines.linePos(offset).line}`;
  const at = (path: (string | number)[]) => placeOf(offsetOf(document, path));
  if (document.errors.length > 0) return { declared: null, at: file, faults: document.errors.map(({ pos, message }) => ({ at: placeOf(pos[0]), path: [], message: message.replace(/\s+/g, " ") })) };
  let raw: unknown;
  try {
    raw = document.toJS();
  } catch (error) {
    return { declared: null, at: file, faults: [{ at: placeOf(0), path: [], message: messageOf(error) }] };
  }
  const parsed = DeclaredPipeline.safeParse(raw);
  const issues = (parsed.error?.issues ?? []).flatMap(plainIssues);
  const faults = [...issues, ...crossFaults(raw)].map(({ path, message }) => ({ at: at(path), path, message }));
  return { declared: parsed.data ?? null, at: at(["pipeline"]), faults };
}

type Issue = Omit<Found, "at">;

/** One fault each, where it is: a key that is not known at its key, a choice of shapes by what it was meant to be. */
function plainIssues(issue: z.core.$ZodIssue): Issue[] {
  const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => ({ path: [...path, key], message: "is not known here" }));
  if (issue.code === "invalid_key") return [{ path, message: issue.issues[0]?.message ?? issue.message }];
  return [{ path, message: issue.message.startsWith("Invalid input: expected") && issue.message.endsWith("received undefined") ? "is missing" : lowerFirst(issue.message) }];
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** What the parts say of each other, as far as they can be made out: also told when something else is wrong. */
const Loose = z.object({
  stages: z.array(z.object({
    name: z.string().nullable().catch(null),
    needs: z.array(z.unknown()).catch([]),
    params: z.record(z.string(), z.object({ type: z.string().catch("") }).catch({ type: "" })).catch({}),
    units: z.object({ param: z.string() }).nullable().catch(null),
    exclusive: z.array(z.unknown()).catch([]),
    subjects: z.array(z.unknown()).catch([]),
  }).catch({ name: null, needs: [], params: {}, units: null, exclusive: [], subjects: [] })).catch([]),
}).catch({ stages: [] });

function crossFaults(raw: unknown): Issue[] {
  const earlier = new Set<string>();
  return Loose.parse(raw).stages.flatMap((stage, index) => {
    const here = ["stages", index];
    const faults: Issue[] = [];
    if (stage.name !== null && earlier.has(stage.name)) faults.push({ path: [...here, "name"], message: `"${stage.name}" is the name of an earlier stage` });
    stage.needs.forEach((need, at) => {
      if (!earlier.has(String(need))) faults.push({ path: [...here, "needs", at], message: `"${need}" is no earlier stage` });
    });
    for (const key of ["exclusive", "subjects"] as const) {
      stage[key].forEach((name, at) => {
        if (!Object.hasOwn(stage.params, String(name))) faults.push({ path: [...here, key, at], message: `"${name}" is no parameter of this stage` });
      });
    }
    if (stage.units && !["text", "choice"].includes(stage.params[stage.units.param]?.type ?? "none")) faults.push({ path: [...here, "units", "param"], message: `"${stage.units.param}" is no parameter of this stage of type text or choice` });
    if (stage.name !== null) earlier.add(stage.name);
    return faults;
  });
}

/** Where in the text the value at `path` begins, or the nearest that is there around it. */
function offsetOf(document: Document, path: (string | number)[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    const last = path[length - 1];
    const parent = length > 0 ? document.getIn(path.slice(0, length - 1), true) : null;
    // The key says it better than the value, which may begin a line below.
    const key = isMap(parent) ? parent.items.find((pair) => isScalar(pair.key) && pair.key.value === last)?.key : null;
    if (isNode(key) && key.range) return key.range[0];
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
