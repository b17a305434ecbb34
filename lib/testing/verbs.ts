/** The verbs of lib, read from their text: exported functions that take a `Ctx`. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { ROOT } from "#lib/root";

export const files = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.tsx"], { cwd: ROOT, encoding: "utf8" })
  .stdout.trim().split("\n").filter((path) => !path.includes("/generated/") && !path.includes(".test.") && !/^(lib\/testing|e2e|bench)\//.test(path));
export const sources = new Map(files.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));

/** Where people and programs come in. */
export const isDoor = (path: string): boolean => /^(app|components)\/|^lib\/(api|cli|web)\//.test(path);
/** Processes run verbs; `lib/ctx.ts` and `lib/access` are what verbs are made of. */
const holdsVerbs = (path: string): boolean => /^lib\/[^/]+\//.test(path) && !isDoor(path) && !/^lib\/(access|worker|supervisor|live|auth|db)\//.test(path);

export type Verb = { path: string; name: string; /** Whether its own text calls `allow`. */ asks: boolean; /** The rights that it names. */ permissions: string[] };

/** The exported functions of a file whose parameters hold a `Ctx`, and whether their own text calls `allow`. */
function verbsOf(path: string): Verb[] {
  return statementsOf(path).flatMap((text) => {
    const head = /^export (?:async )?(?:function\*? (\w+)(?:<[^>]*>)?|const (\w+) = (?:async )?)\(/.exec(text);
    const name = head?.[1] ?? head?.[2];
    if (!head || !name || !/[(\s,]\w+: Ctx\b|\}: Ctx\b/.test(parametersOf(text.slice(head[0].length - 1)))) return [];
    return [{ path, name, asks: /\ballow\(\w+, /.test(text), permissions: [...text.matchAll(/\ballow\(\w+, (.*)\);/g)].flatMap(([, said = ""]) => [...said.matchAll(/"([a-z]+\.[a-z]+)"/g)].map(([, permission = ""]) => permission)) }];
  });
}

function statementsOf(path: string): string[] {
  return (sources.get(path) ?? "").split(/\n(?=export |(?:async )?function |const |class |type |\/\*\*)/);
}

function parametersOf(text: string): string {
  let depth = 0;
  for (const [at, sign] of [...text].entries()) {
    if (sign === "(") depth += 1;
    else if (sign === ")" && (depth -= 1) === 0) return text.slice(0, at + 1);
  }
  return text;
}

export const verbs: Verb[] = [...sources.keys()].filter(holdsVerbs).flatMap(verbsOf);

/** Each function and class of lib as `file name`, with those that its text calls, wherever they are from. */
function callsOf(path: string): [string, string[]][] {
  const from = new Map([...(sources.get(path) ?? "").matchAll(/(?:import|const)\s+(?:type )?\{([^}]*)\}\s*(?:from|= await import\()\s*"([#.][^"]+)"/g)].flatMap(([, names = "", target = ""]) => {
    const file = target.startsWith("#") ? `${target.slice(1)}.ts` : normalize(join(dirname(path), target));
    return names.split(",").map((name) => name.trim().split(/ as |: /)).map(([name = "", own = name]) => [own, `${file} ${name}`] as const);
  }));
  return statementsOf(path).flatMap((text) => {
    const name = /^(?:export )?(?:async )?(?:function\*? |const |class )(\w+)/.exec(text)?.[1];
    // Called, or handed to what calls it.
    const called = [...text.matchAll(/\b(\w+)(?:<[^()]*>)?\(|, (\w+)\)/g)].map(([, one, handed]) => one ?? handed ?? "");
    return name ? [[`${path} ${name}`, called.filter((one) => one !== name).map((one) => from.get(one) ?? `${path} ${one}`)]] : [];
  });
}

/** The functions of lib whose text leads to an entry in the audit log: it writes one, or calls what does. As `file name`. */
export function findTold(): ReadonlySet<string> {
  const calls = [...sources.keys()].filter((path) => path.startsWith("lib/")).flatMap(callsOf);
  const told = new Set(["lib/audit/mutations.ts writeEntry"]);
  for (let size = 0; size < told.size; ) {
    size = told.size;
    for (const [name, called] of calls) if (called.some((one) => told.has(one))) told.add(name);
  }
  return told;
}
