import { Title } from '@mantine/core'
import { STRINGS } from '../strings.ts'

export function ProjectsScreen() {
  return <Title order={1}>{STRINGS.nav.projects}</Title>
}
