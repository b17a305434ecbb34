"use client";
import { PageError } from "#components/layout/page-error";

export default function PageFailed({ error, retry }: { error: unknown; retry: () => void }) {
  return <PageError error={error} retry={retry} what="The list of keys" />;
}
