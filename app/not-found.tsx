/** Never drawn: unknown addresses are those of `[...path]`. Without it Next's own drawing would be sent with every page. */
export default function NotFound() {
  return null;
}
