/** Pages have their own, in (console). Where this is missing Next sends a drawing of its own, styles in line, with every page; so for unauthorized.tsx, which nothing asks for. */
export { NoSuchPage as default } from "#components/layout/no-such-page";
