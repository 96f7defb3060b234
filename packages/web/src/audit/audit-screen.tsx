import { Title } from '@mantine/core'
import { STRINGS } from '../strings.ts'

export function AuditScreen() {
  return <Title order={1}>{STRINGS.nav.audit}</Title>
}
