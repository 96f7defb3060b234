import { Group, SegmentedControl, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { CodeText } from '../layout/code.tsx'
import { Copy } from '../layout/copy.tsx'
import { Disclosure } from '../layout/disclosure.tsx'
import { STRINGS } from '../strings.ts'
import { curlOf, fetchOf } from './as-code.ts'
import type { Values } from './properties.ts'
import type { ActionName } from './use-options.ts'

const FORMS = { curl: curlOf, TypeScript: fetchOf } as const

/** The same call from a terminal or a program. The token is the reader's to put in. */
export function CodeBlock({ of, input }: { readonly of: ActionName; readonly input: Values }) {
  const [form, setForm] = useState<keyof typeof FORMS>('curl')
  const code = FORMS[form](of, input, window.location.origin)
  return (
    <Disclosure title={STRINGS.step.code}>
      <Stack gap="xs">
        <Group justify="space-between">
          <SegmentedControl
            size="xs"
            aria-label={STRINGS.step.codeForm}
            data={Object.keys(FORMS)}
            value={form}
            onChange={(next) => (next === 'curl' || next === 'TypeScript') && setForm(next)}
          />
          <Copy value={code} what={STRINGS.step.code} />
        </Group>
        <CodeText label={STRINGS.step.code}>{code}</CodeText>
        <Text size="xs" c="dimmed">
          {STRINGS.step.codeToken}
        </Text>
      </Stack>
    </Disclosure>
  )
}
