"use client";
import dynamic from "next/dynamic";
import { Skeleton } from "#components/ui/skeleton";

/** Drawn in the browser only: the chart writes styles into HTML, which the content security policy does not allow. */
export const UsageFigure = dynamic(async () => (await import("./usage-chart")).UsageChart, { ssr: false, loading: () => <Skeleton className="mx-4 mb-4 h-52 sm:mx-6" /> });
