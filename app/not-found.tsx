import type { Metadata } from "next";
import { NoSuchPage } from "#components/layout/no-such-page";

export const metadata: Metadata = { title: "No such page" };

export default NoSuchPage;
