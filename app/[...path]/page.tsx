import { notFound } from "next/navigation";

/** Every address that is none. */
export default function NoPage() {
  notFound();
}
