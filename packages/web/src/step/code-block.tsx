import { Button, Code, CopyButton, Group, Spoiler } from '@mantine/core'
import { STRINGS } from '../strings.ts'
import type { Values } from './properties.ts'
import type { ActionName } from './use-options.ts'

/** The same call from a terminal. The token is the reader's to put in. */
export function CodeBlock({ of, input }: { readonly of: ActionName; readonly input: Values }) {
  const code = curlOf(of, input, window.location.origin)
  return (
    <Spoiler maxHeight={0} showLabel={STRINGS.step.code} hideLabel={STRINGS.close}>
      <Code block>{code}</Code>
      <Group mt="xs">
        <CopyButton value={code}>
          {({ copied, copy }) => (
            <Button size="xs" variant="default" onClick={copy}>
              {copied ? STRINGS.copied : STRINGS.copy}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Spoiler>
  )
}

function curlOf({ piece, action }: ActionName, input: Values, origin: string): string {
  const body = JSON.stringify({ input }, null, 2).replaceAll("'", "'\\''")
  return [
    `curl ${origin}/api/v1/pieces/${piece}/actions/${action}/run \\`,
    '  -H "authorization: Bearer $TOKEN" -H "content-type: application/json" \\',
    `  -d '${body}'`,
  ].join('\n')
}
