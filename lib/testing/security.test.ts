/** What docs/security.md says, held to the tests and the sources: it names all of level 1, and nothing that is not there. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "#lib/root";

/** The requirements of level 1 of OWASP ASVS 5.0.0, by number. */
const LEVEL_1 = [
  "1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.5.1 2.1.1 2.2.1 2.2.2 2.3.1 3.2.1 3.2.2 3.3.1 3.4.1 3.4.2 3.5.1 3.5.2 3.5.3 4.1.1 4.4.1 5.2.1 5.2.2 5.3.1 5.3.2",
  "6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1 6.3.2 6.4.1 6.4.2 7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2 8.1.1 8.2.1 8.2.2 8.3.1 9.1.1 9.1.2 9.1.3 9.2.1",
  "10.4.1 10.4.2 10.4.3 10.4.4 10.4.5 11.3.1 11.3.2 11.4.1 12.1.1 12.2.1 12.2.2 13.4.1 14.2.1 14.3.1 15.1.1 15.2.1 15.3.1",
].join(" ").split(" ");

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const rows = read("docs/security.md").split("\n").flatMap((line) => {
  const [, no, , answer, shown] = /^\| (\d+\.\d+\.\d+) \| (.+?) \| (.+?) \| (.*?) ?\|$/.exec(line) ?? [];
  return no && answer ? [{ no, answer, tests: [...(shown ?? "").matchAll(/`([\w./-]+)`: “([^”]+)”/g)].map(([, file = "", title = ""]) => ({ file, title })) }] : [];
});
const files = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.tsx"], { cwd: ROOT, encoding: "utf8" }).stdout.trim().split("\n").filter((path) => !path.includes("/generated/") && existsSync(join(ROOT, path)));
const product = files.filter((path) => /^(app|components|lib)\//.test(path) && !path.includes(".test.") && !path.startsWith("lib/testing/")).map((path) => [path, read(path)] as const);
const having = (pattern: RegExp) => product.filter(([, text]) => pattern.test(text)).map(([path]) => path);

/** Whether a file has a test of this title, which is not left out. A title that is put together in the file is known by a part of it. */
function hasTest(file: string, title: string): boolean {
  if (!existsSync(join(ROOT, file))) return false;
  const escaped = title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<!skip)\\(\\s*("${escaped}"|\`[^\`]*${escaped}[^\`]*\`)`).test(read(file));
}

test("the table has each requirement of level 1, once, in order", () => {
  expect(LEVEL_1).toHaveLength(70);
  expect(rows.map(({ no }) => no)).toEqual(LEVEL_1);
});

test("each answer is one of four, and what is met is shown by tests that are there", () => {
  expect(rows.filter(({ answer }) => !/^(Met|None|Yours|Not met)\b/.test(answer)).map(({ no }) => no)).toEqual([]);
  expect(rows.filter(({ answer, tests }) => answer.startsWith("Met") && tests.length === 0).map(({ no }) => no)).toEqual([]);
  expect(rows.flatMap(({ no, tests }) => tests.filter(({ file, title }) => !hasTest(file, title)).map(({ file, title }) => `${no}: ${file} has no “${title}”`))).toEqual([]);
  expect(hasTest("lib/testing/security.test.ts", "a test that nobody wrote")).toBe(false);
});

test("no text becomes code, and HTML is written in one place", () => {
  expect(having(/\beval\(|new Function\(|node:vm\b|\b(set(Timeout|Interval))\(\s*["'`]/)).toEqual([]);
  expect(having(/dangerouslySetInnerHTML|\.(inner|outer)HTML\b|insertAdjacentHTML|document\.write/)).toEqual(["app/layout.tsx"]);
  expect(having(/\bexec(Sync)?\(\s*[`"']|shell:\s*true/).filter((path) => !/\.exec\(/.test(read(path)))).toEqual([]);
});

test("nothing reads XML, and there is no second server beside ours", () => {
  const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
  expect(Object.keys(dependencies).filter((name) => /xml|sax|soap|saml/i.test(name))).toEqual([]);
  expect(having(/DOMParser|text\/xml|application\/xml/)).toEqual([]);
  expect(having(/new WebSocket(Server)?\(/)).toEqual([]);
});

test("no folder is served as it is", () => {
  expect(["public", "static", "pages"].filter((name) => existsSync(join(ROOT, name)))).toEqual([]);
  expect(having(/createReadStream|sendFile|serve-static/).filter((path) => /^(app|lib\/(api|web|export))\//.test(path))).toEqual([]);
});

test("passwords are typed unseen, and may be pasted or filled in", () => {
  const fields = product.flatMap(([path, text]) => [...text.matchAll(/<(?:Input|input)\b[^>]*>/g)].map(([tag]) => ({ path, tag }))).filter(({ tag }) => /type="password"|name="(password|current|again|next)"|autoComplete="(current|new)-password"/.test(tag));
  expect(fields.length).toBeGreaterThanOrEqual(5);
  for (const { path, tag } of fields) {
    expect(tag, path).toContain('type="password"');
    expect(tag, path).toMatch(/autoComplete="(current|new)-password"/);
  }
  expect(having(/onPaste/).filter((path) => /\((auth)\)|settings\/account/.test(path))).toEqual([]);
  expect(having(/secretQuestion|security_question|passwordHint|password_hint/i)).toEqual([]);
});

test("hashes are SHA-256, random is the system's, and nothing is encrypted by hand", () => {
  const hashes = product.flatMap(([path, text]) => [...text.matchAll(/create(?:Hash|Hmac)\(\s*["'`](\w+)/g)].map(([, name]) => `${name} ${path}`));
  expect(hashes.length).toBeGreaterThan(5);
  expect(hashes.filter((hash) => !/^sha256 /.test(hash))).toEqual([]);
  expect(having(/create(Cipher|Decipher)(iv)?\(|subtle\.encrypt/)).toEqual([]);
  expect(having(/Math\.random\(/).filter((path) => /^lib\/(auth|people|keys|web|access|audit)\//.test(path))).toEqual([]);
});

test("the browser keeps how one sees things, not what one saw", () => {
  expect(having(/localStorage\.setItem|sessionStorage|indexedDB|caches\.open|navigator\.serviceWorker/).filter((path) => !/^components\/layout\/theme-/.test(path))).toEqual([]);
  expect(having(/document\.cookie\s*=/)).toEqual(["components/llm-calls/calls-view-memory.tsx", "components/runs/view-memory.tsx"]);
});
