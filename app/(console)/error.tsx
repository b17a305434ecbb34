"use client";
import { PageError } from "#components/layout/page-error";

/** One for all pages: each file more would be loaded with every link that leads to its page. */
export default PageError;
