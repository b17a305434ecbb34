"use client";
import { Upload } from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { type Answer, readAnswer } from "#components/layout/read-data";
import { LoadSampleButton } from "#components/pipelines/load-sample-button";
import { Button } from "#components/ui/button";
import { ProgressBar } from "#components/ui/progress-bar";
import { formatBytes, formatCount, formatPercent } from "#lib/format/number";
import type { ImportResult } from "#lib/pipelines/mail/import";

type Sending = { name: string; bytes: number; sent: number };

/** Sends one archive as it is, so that its size is no matter, and tells how far it is. */
export function ImportPanel() {
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const request = useRef<XMLHttpRequest>(null);
  const [upload, setUpload] = useState<Sending | null>(null);
  const [result, setResult] = useState<Answer<ImportResult> | null>(null);

  function send(file: File) {
    setResult(null);
    setUpload({ name: file.name, bytes: file.size, sent: 0 });
    const xhr = new XMLHttpRequest();
    request.current = xhr;
    xhr.upload.onprogress = ({ loaded }) => setUpload({ name: file.name, bytes: file.size, sent: loaded });
    const end = (answer: Answer<ImportResult>) => {
      request.current = null;
      setUpload(null);
      setResult(answer);
      router.refresh();
    };
    xhr.onload = () => end(readAnswer(xhr.status, xhr.responseText));
    xhr.onerror = () => end({ ok: false, message: "The connection broke. Send the file again: what has arrived is kept, and nothing is stored twice." });
    xhr.onabort = () => end({ ok: false, message: "Stopped. What has arrived is kept; send the file again to go on." });
    xhr.open("POST", `/api/v1/pipelines/mail/imports?name=${encodeURIComponent(file.name)}`);
    xhr.setRequestHeader("content-type", "application/octet-stream");
    xhr.send(file);
  }

  return (
    <div className="px-4 pb-4 sm:px-6">
      <div className="flex flex-wrap items-center gap-2">
        <input
          ref={input}
          type="file"
          accept=".mbox,.mbx,.eml,message/rfc822,application/mbox"
          aria-label="Mail archive"
          className="sr-only"
          tabIndex={-1}
          onChange={(event) => {
            const file = event.target.files?.[0];
            // The same file may be chosen again after a fault.
            event.target.value = "";
            if (file) send(file);
          }}
        />
        <Button disabled={upload !== null} onClick={() => input.current?.click()}>
          <Upload aria-hidden className="size-4" /> Import a mail archive
        </Button>
        <LoadSampleButton />
      </div>
      <p className="mt-2 text-sm text-ink-soft">
        An .mbox file or one .eml message. A folder of them: <code className="font-mono text-xs">./penstock import mail &lt;folder&gt;</code>
      </p>
      {upload && (
        <div className="mt-3 max-w-2xl">
          <ProgressBar ratio={upload.bytes > 0 ? upload.sent / upload.bytes : null} label={`Sending ${upload.name}`} colour="bg-accent" />
          <p className="mt-1.5 flex flex-wrap items-center gap-x-3 text-sm text-ink-soft">
            <span className="break-all">{upload.name}</span>
            <span>
              {upload.sent < upload.bytes ? `${formatBytes(upload.sent)} of ${formatBytes(upload.bytes)}, ${formatPercent(upload.sent / upload.bytes)}` : "Sent; storing the last messages"}
            </span>
            <Button look="quiet" size="sm" onClick={() => request.current?.abort()}>
              Stop sending
            </Button>
          </p>
        </div>
      )}
      <div aria-live="polite">{result && <Said result={result} />}</div>
    </div>
  );
}

function Said({ result }: { result: Answer<ImportResult> }) {
  if (!result.ok) return <p className="mt-3 font-medium break-words text-failed">{result.message}</p>;
  const { name, messages, duplicates, problems, problemSamples } = result.data;
  return (
    <div className="mt-3 text-sm">
      <p>
        <span className="font-medium break-all">{name}</span>: {formatCount(messages)} new {messages === 1 ? "message" : "messages"}, {formatCount(duplicates)} known already
        {problems > 0 && <span className="font-medium text-partial">, {formatCount(problems)} with a problem</span>}.
      </p>
      {problemSamples.length > 0 && (
        <ul className="mt-1 list-disc pl-5 text-ink-soft">
          {problemSamples.map((problem) => (
            <li key={problem.position} className="break-words">
              message {formatCount(problem.position)}
              {problem.messageId && <span className="font-mono text-xs break-all"> {problem.messageId}</span>}: {problem.reason}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
