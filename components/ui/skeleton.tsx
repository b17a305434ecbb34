import { classNames } from "#components/ui/class-names";

/** A grey stand-in of the shape that is on its way. It shows only after 150 ms: a fast answer needs none. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={classNames("block animate-appear rounded-md bg-line/70", className)} />;
}
