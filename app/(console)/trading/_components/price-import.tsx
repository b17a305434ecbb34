"use client";
import { Archive, Upload } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useRef, useState, useTransition } from "react";
import { type Answer, readAnswer } from "#components/layout/read-data";
import { Button } from "#components/ui/button";
import { Field, Input, Select } from "#components/ui/field";
import { ProgressBar } from "#components/ui/progress-bar";
import { formatBytes, formatCount } from "#lib/format/number";
import type { ImportPricesResult } from "#lib/pipelines/trading/import-prices";
import { TIMEFRAME_NAMES } from "#lib/pipelines/trading/timeframes";
import { loadSampleDeskAction } from "../actions";

type Sending = { name: string; bytes: number; sent: number };

/** Sends one CSV file as it is, and says what came of it; or sets up the desk that comes with Penstock. */
export function PriceImport() {
  const router = useRouter();
  const request = useRef<XMLHttpRequest>(null);
  const [upload, setUpload] = useState<Sending | null>(null);
  const [result, setResult] = useState<Answer<ImportPricesResult> | null>(null);
  const [sample, setSample] = useState<{ failed: boolean; text: string } | null>(null);
  const [isLoading, startLoading] = useTransition();

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const file = form.get("file");
    if (!(file instanceof File) || file.name === "") return setResult({ ok: false, message: "Choose a CSV file." });
    const asked = new URLSearchParams({ name: file.name });
    for (const name of ["symbol", "timeframe", "dates"]) {
      const value = String(form.get(name) ?? "").trim();
      if (value !== "") asked.set(name, value);
    }
    setResult(null);
    setUpload({ name: file.name, bytes: file.size, sent: 0 });
    const xhr = new XMLHttpRequest();
    request.current = xhr;
    xhr.upload.onprogress = ({ loaded }) => setUpload({ name: file.name, bytes: file.size, sent: loaded });
    const end = (answer: Answer<ImportPricesResult>) => {
      request.current = null;
      setUpload(null);
      setResult(answer);
      router.refresh();
    };
    xhr.onload = () => end(readAnswer(xhr.status, xhr.responseText));
    xhr.onerror = () => end({ ok: false, message: "The connection broke. Send the file again: what has arrived is kept, and nothing is stored twice." });
    xhr.onabort = () => end({ ok: false, message: "Stopped. What has arrived is kept; send the file again to go on." });
    xhr.open("POST", `/api/v1/pipelines/trading/imports?${asked}`);
    xhr.setRequestHeader("content-type", "application/octet-stream");
    xhr.send(file);
  }

  function loadSample() {
    setSample(null);
    startLoading(async () => {
      const made = await loadSampleDeskAction({});
      if (!made.ok) return setSample({ failed: true, text: made.error.message });
      const { bars, symbols, accountId } = made.value;
      setSample({ failed: false, text: bars > 0 ? `${formatCount(bars)} made-up bars of ${symbols.join(", ")}, account ${accountId} on paper, and three strategies.` : "Nothing new: the made-up prices were here already." });
      router.refresh();
    });
  }

  return (
    <div className="px-4 pt-3 pb-4 sm:px-6">
      <div className="flex flex-wrap items-center gap-2 pb-3">
        <Button disabled={isLoading} onClick={loadSample}>
          <Archive aria-hidden className="size-4" /> {isLoading ? "Loading made-up prices" : "Load made-up prices"}
        </Button>
        <span role={sample?.failed ? "alert" : "status"} className={sample?.failed ? "text-sm text-failed" : "text-sm text-ink-soft"}>{sample?.text}</span>
      </div>
      <form onSubmit={send} aria-label="Import prices" className="grid max-w-4xl gap-3 sm:grid-cols-2 lg:grid-cols-4">
        <Field id="prices-file" label="CSV file" hint="A header line, then a bar a line">
          <input id="prices-file" name="file" type="file" accept=".csv,.txt,text/csv" aria-describedby="prices-file-hint" className="h-8 w-full min-w-0 text-sm file:mr-2 file:h-8 file:rounded-md file:border file:border-line-strong file:bg-surface file:px-2" />
        </Field>
        <Field id="prices-symbol" label="Symbol" hint="Empty: a column or the file's name says it">
          <Input id="prices-symbol" name="symbol" maxLength={20} autoComplete="off" spellCheck={false} aria-describedby="prices-symbol-hint" />
        </Field>
        <Field id="prices-timeframe" label="Timeframe" hint="How long a bar is">
          <Select id="prices-timeframe" name="timeframe" aria-describedby="prices-timeframe-hint">
            <option value="">as the file says</option>
            {TIMEFRAME_NAMES.map((name) => <option key={name}>{name}</option>)}
          </Select>
        </Field>
        <Field id="prices-dates" label="Dates" hint="What 01/02/2024 means">
          <Select id="prices-dates" name="dates" aria-describedby="prices-dates-hint">
            <option value="">as the file says</option>
            <option value="mdy">month first</option>
            <option value="dmy">day first</option>
          </Select>
        </Field>
        <div className="flex gap-2 sm:col-span-2 lg:col-span-4">
          <Button type="submit" disabled={upload !== null}><Upload aria-hidden className="size-4" /> Import prices</Button>
          {upload && <Button look="quiet" onClick={() => request.current?.abort()}>Stop sending</Button>}
        </div>
      </form>
      {upload && (
        <div className="mt-3 max-w-2xl">
          <ProgressBar ratio={upload.bytes > 0 ? upload.sent / upload.bytes : null} label={`Sending ${upload.name}`} colour="bg-accent" />
          <p className="mt-1.5 text-sm text-ink-soft">{upload.sent < upload.bytes ? `${formatBytes(upload.sent)} of ${formatBytes(upload.bytes)}` : "Sent; storing the last bars"}</p>
        </div>
      )}
      <div aria-live="polite">{result && <Said result={result} />}</div>
    </div>
  );
}

function Said({ result }: { result: Answer<ImportPricesResult> }) {
  if (!result.ok) return <p className="mt-3 font-medium break-words text-failed">{result.message}</p>;
  const { name, bars, changed, known, problems, warnings, problemSamples, warningSamples, series } = result.data;
  return (
    <div className="mt-3 text-sm">
      <p>
        <span className="font-medium break-all">{name}</span>: {formatCount(bars)} new {bars === 1 ? "bar" : "bars"}, {formatCount(changed)} put right, {formatCount(known)} known before
        {problems > 0 && <span className="font-medium text-partial">, {formatCount(problems)} bad {problems === 1 ? "line" : "lines"} left out</span>}.
      </p>
      <ul aria-label="Lines with a problem" className="mt-1 list-disc pl-5 text-ink-soft">
        {problemSamples.map(({ line, reason }) => <li key={`bad ${line}`} className="break-words">line {formatCount(line)}: {reason}</li>)}
        {problems > problemSamples.length && <li>and {formatCount(problems - problemSamples.length)} more</li>}
        {warningSamples.slice(0, 5).map(({ line, reason }) => <li key={`odd ${line}`} className="break-words">line {formatCount(line)}: {reason} (imported)</li>)}
        {warnings > 5 && <li>and {formatCount(warnings - 5)} more like that</li>}
        {series.filter(({ gapCount }) => gapCount > 0).map(({ symbol, timeframe, gapCount }) => <li key={`${symbol} ${timeframe}`}>{symbol} {timeframe}: {formatCount(gapCount)} {gapCount === 1 ? "gap" : "gaps"}</li>)}
      </ul>
    </div>
  );
}
