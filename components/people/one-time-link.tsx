"use client";
import { CopyButton } from "#components/ui/copy-button";

export const OneTimeLink = ({ link }: { link: string }) => (
  <p className="flex items-start gap-2">
    <code className="min-w-0 rounded-sm bg-sunken px-2 py-1 font-mono text-sm break-all">{link}</code>
    <CopyButton text={link} label="Copy the link" />
  </p>
);
