import { Group, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { STRINGS } from '../strings.ts'

type ScreenProps = {
  readonly title: string
  readonly intro: string
  /** What can be done with the whole of it. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** Whether a screen was shown before: the first one leaves the focus where the browser has it. */
let wasOnScreen = false

/** A screen of its own: its heading has the focus when one comes to it, so that a reader hears where one is. */
export function Screen({ title, intro, actions, children }: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} – ${STRINGS.title}`
    if (wasOnScreen) heading.current?.focus()
    wasOnScreen = true
  }, [title])
  return (
    <Stack gap="lg" maw={1320} mx="auto">
      <Group justify="space-between" align="flex-end" gap="md">
        <div style={{ flex: '1 1 320px' }}>
          <Title order={1} ref={heading} tabIndex={-1} className="screen-title">
            {title}
          </Title>
          <Text c="dimmed" mt={4}>
            {intro}
          </Text>
        </div>
        {actions}
      </Group>
      {children}
    </Stack>
  )
}
