import { Button, CopyButton } from '@mantine/core'
import { STRINGS } from '../strings.ts'

export function Copy({ value, what }: { readonly value: string; readonly what: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button size="compact-sm" variant="default" flex="none" aria-label={`${STRINGS.copy}: ${what}`} onClick={copy}>
          <span aria-live="polite">{copied ? STRINGS.copied : STRINGS.copy}</span>
        </Button>
      )}
    </CopyButton>
  )
}
