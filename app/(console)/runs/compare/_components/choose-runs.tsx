"use client";
import { ArrowLeftRight } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { Button, buttonClass } from "#components/ui/button";
import { Input } from "#components/ui/field";

/** The two numbers that are compared, to be changed or exchanged. */
export function ChooseRuns({ a, b, refused }: { a: number | null; b: number | null; refused?: string }) {
  const router = useRouter();
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const number = (name: string) => String(form.get(name)).trim().replace(/^#/, "");
    router.push(`/runs/compare?a=${encodeURIComponent(number("a"))}&b=${encodeURIComponent(number("b"))}`);
  }
  return (
    <form onSubmit={submit} noValidate className="flex flex-wrap items-end gap-2 px-4 pb-4 sm:px-6">
      <Run name="a" label="Left run" value={a} />
      <Run name="b" label="Right run" value={b} />
      <Button type="submit" look="primary">Compare runs</Button>
      {a !== null && b !== null && (
        <Link href={`/runs/compare?a=${b}&b=${a}`} className={buttonClass("quiet")}>
          <ArrowLeftRight aria-hidden className="size-4" /> Exchange sides
        </Link>
      )}
      {refused && <p role="alert" className="basis-full text-failed">{refused}</p>}
    </form>
  );
}

const Run = ({ name, label, value }: { name: string; label: string; value: number | null }) => (
  <div className="w-32">
    <label htmlFor={`compare-${name}`} className="mb-1 block text-sm font-medium">{label}</label>
    <Input id={`compare-${name}`} name={name} inputMode="numeric" autoComplete="off" placeholder="#1042" defaultValue={value ?? ""} />
  </div>
);
