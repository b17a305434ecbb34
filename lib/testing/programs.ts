/** A pipeline of programs for tests: each stage shows one behaviour. All of it is sh, which every machine has. */
import { tmpdir } from "node:os";
import { z } from "zod";
import { definePipeline } from "#lib/engine/define";
import { defineProgramStage, type ProgramStage } from "#lib/engine/program";

const stage = (name: string, script: string, more: Partial<ProgramStage<z.ZodObject>> = {}) => defineProgramStage(name, { title: name, cwd: tmpdir(), run: ["sh", "-c", script, name], exclusive: () => null, manual: true, ...more });

const SAYS = `
echo plain
printf '{"penstock":"items","total":3}\\n{"penstock":"items","done":2}\\n'
printf '{"penstock":"failed","item":"third","error":"too bad","errorClass":"BadItem"}\\n'
printf '{"penstock":"begin","step":"a","name":"outer","input":{"n":1}}\\n'
printf '{"penstock":"step","name":"inner","parent":"a","output":[1,2],"durationMs":1234}\\n'
printf '{"penstock":"llm","parent":"a","provider":"there","model":"gpt-4o","role":"judge","prompt":"p","response":"r","inputTokens":1000,"outputTokens":100,"durationMs":50}\\n'
printf '{"penstock":"end","step":"a","output":{"ok":true}}\\n'
printf '{"penstock":"step","name":"broken","error":"no","errorClass":"Nope"}\\n'
printf '{"penstock":"step","name":"left_out","status":"skip"}\\n'
printf '{"penstock":"log","level":"warn","line":"careful"}\\n'
printf '{"penstock":"annotation","key":"colour","value":"blue"}\\n'
printf '{"penstock":"outcome","action":"BUY"}\\n'
printf '{"penstock":"nonsense"}\\n'
printf '{"penstock":"items","done":-1}\\n'
printf '{"penstock":"items","do\\n'
printf '{"other":"json"}\\n'
printf 'caf\\351 10%%\\r20%%\\r\\033[31mred\\033[0m\\n'
echo "unit $PENSTOCK_UNIT attempt $PENSTOCK_ATTEMPT key $PENSTOCK_IDEMPOTENCY_KEY" >&2
printf '{"penstock":"result","output":{"answer":42}}'
`;

export const programs = definePipeline("programs", {
  title: "Programs",
  description: "For tests",
  stages: [
    stage("says", SAYS, { itemsName: "things" }),
    stage("args", 'for a in "$@"; do printf "[%s]\\n" "$a"; done', { params: z.object({ text: z.string().default(""), n: z.int().default(7), yes: z.boolean().default(true), no: z.boolean().default(false), none: z.string().nullable().default(null) }) }),
    stage("stdin", 'printf \'{"penstock":"result","output":%s}\\n\' "$(cat)"', { input: "stdin", params: z.object({ text: z.string().default("") }) }),
    stage("fanned", 'echo "I am $PENSTOCK_UNIT"; printf \'{"penstock":"items","done":1}\\n\'', { units: ["one", "two", "three"] }),
    stage("fails", 'printf \'{"penstock":"begin","step":1,"name":"deep"}\\n\'; echo first >&2; echo last >&2; exit 3'),
    stage("silent", "exit 4"),
    stage("signalled", "kill -SEGV $$"),
    stage("missing", "", { run: ["no-such-program-anywhere"] }),
    stage("unexecutable", "", { run: ["/etc/passwd"] }),
    stage("nowhere", "true", { cwd: "/no/such/folder" }),
    stage("flood", "head -c 200000000 /dev/zero | tr '\\0' 'x' | fold -w 99"),
    stage("oneline", "head -c 30000000 /dev/zero | tr '\\0' 'x'"),
    stage("env", "env; echo \"json: {\\\"key\\\": \\\"$TEST_API_TOKEN\\\"}\"; echo \"$TEST_API_TOKEN\" >&2; exit 1", { env: ["TEST_API_TOKEN", "TEST_NOT_SET"] }),
    // A family: the program, a child in the background and its grandchild; each says who it is.
    stage("family", 'echo "pid $$"; (echo "pid $(sh -c \'echo $PPID\')"; sleep 300) & sleep 300 & echo "pid $!"; wait'),
    stage("stubborn", "trap '' TERM; echo \"pid $$\"; while :; do sleep 1; done"),
    stage("polite", "trap 'echo bye; exit 0' TERM; echo \"pid $$\"; while :; do sleep 0.1; done"),
    stage("leaves", 'sleep 300 & echo "pid $!"'),
  ],
});
