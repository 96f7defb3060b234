import { Title } from '@mantine/core'
import { STRINGS } from '../strings.ts'

export function UsageScreen() {
  return <Title order={1}>{STRINGS.nav.usage}</Title>
}
