/** Never drawn: unknown addresses are those of `[...path]`. Without it, and its neighbours for the other refusals, Next's own drawings would be sent with every page. */
export default function NotFound() {
  return null;
}
