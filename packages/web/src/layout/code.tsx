/** A text as it is, that scrolls by itself; with the keyboard too. */
export function CodeText({ label, children }: { readonly label: string; readonly children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    <section className="code" tabIndex={0} aria-label={label}>
      <pre>{children}</pre>
    </section>
  )
}
