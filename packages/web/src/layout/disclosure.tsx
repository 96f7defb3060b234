import type { ReactNode } from 'react'

/** What can be looked at and does not stand in the way. */
export function Disclosure({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <details className="disclosure">
      <summary>{title}</summary>
      <div>{children}</div>
    </details>
  )
}
