import { type Project, type ProjectList, ROUTES, type UsageSummary } from '@activepieces/contract'
import { Alert, Button, Group, Modal, Paper, SimpleGrid, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/client.ts'
import { useUsageSummary } from '../api/queries.ts'
import { count, money, monthStart } from '../format.ts'
import { Icon } from '../layout/icons.tsx'
import { useModal } from '../layout/modal-state.ts'
import { Screen } from '../layout/screen.tsx'
import { Loaded } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'
import { ProjectPanel } from './project-panel.tsx'
import { RevokePanel } from './revoke-panel.tsx'
import { TokensPanel } from './tokens-panel.tsx'

const WORDS = STRINGS.projects

type Shown =
  | { readonly action: 'create' }
  | { readonly action: 'edit' | 'tokens' | 'revoke'; readonly project: Project }

/** Whom calls are made for, and what each may use. */
export function ProjectsScreen() {
  const projects = useQuery({
    queryKey: ['projects'],
    queryFn: ({ signal }) => call<ProjectList>(ROUTES.projects, { signal }),
  })
  const [from] = useState(monthStart)
  const usage = useUsageSummary({ groupBy: 'project', from })
  const { shown, isOpen, show, close } = useModal<Shown>()
  return (
    <Screen
      title={WORDS.title}
      intro={WORDS.intro}
      actions={
        <Button leftSection={<Icon name="plus" size={16} />} onClick={() => show({ action: 'create' })}>
          {WORDS.create}
        </Button>
      }
    >
      <Loaded query={projects} height={260}>
        {({ data }) => (
          <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
            {data.map((project) => (
              <ProjectCard
                key={project.id}
                project={project}
                used={usage.data?.data.find(({ group }) => group === project.id)}
                known={usage.data !== undefined}
                onChoose={(action) => show({ action, project })}
              />
            ))}
          </SimpleGrid>
        )}
      </Loaded>
      <Modal opened={isOpen} onClose={close} title={shown && titleOf(shown)} closeOnClickOutside={false}>
        {shown && <Panel shown={shown} onDone={close} />}
      </Modal>
    </Screen>
  )
}

function titleOf(shown: Shown): string {
  switch (shown.action) {
    case 'create':
      return WORDS.createTitle
    case 'edit':
      return WORDS.editTitle(shown.project.name)
    case 'tokens':
      return WORDS.tokensTitle(shown.project.name)
    case 'revoke':
      return WORDS.revokeTitle(shown.project.name)
  }
}

function Panel({ shown, onDone }: { readonly shown: Shown; readonly onDone: () => void }) {
  switch (shown.action) {
    case 'create':
      return <ProjectPanel onDone={onDone} />
    case 'edit':
      return <ProjectPanel project={shown.project} onDone={onDone} />
    case 'tokens':
      return <TokensPanel projectId={shown.project.id} />
    case 'revoke':
      return <RevokePanel projectId={shown.project.id} onDone={onDone} />
  }
}

type CardProps = {
  readonly project: Project
  readonly used: UsageSummary['data'][number] | undefined
  /** Whether it is known what projects have used. */
  readonly known: boolean
  readonly onChoose: (action: 'edit' | 'tokens' | 'revoke') => void
}

function ProjectCard({ project, used, known, onChoose }: CardProps) {
  const { id, name, monthlyBudgetUsd, requestsPerMinute, unpricedModels } = project
  const budget = monthlyBudgetUsd === null ? WORDS.noBudget : WORDS.ofBudget(money(monthlyBudgetUsd))
  const facts = [
    [WORDS.spent, `${known ? money(used?.costUsd ?? 0) : '–'}, ${budget}`],
    [WORDS.calls, known ? count(used?.calls ?? 0) : '–'],
    [WORDS.rate, requestsPerMinute === null ? WORDS.noLimit : WORDS.perMinute(count(requestsPerMinute))],
  ]
  return (
    <Paper className="surface" p="md" component="article" aria-label={name}>
      <Title order={2} size="h5" style={{ overflowWrap: 'anywhere' }}>
        {name}
      </Title>
      <Text size="xs" c="dimmed" ff="monospace">
        {id}
      </Text>
      <dl className="facts numbers">
        {facts.map(([term, words]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      {monthlyBudgetUsd !== null && unpricedModels.type === 'allow' && (
        <Alert color="orange" variant="light" mb="sm" p="xs">
          {WORDS.unpriced.notCounted}
        </Alert>
      )}
      <Group gap="xs">
        <Button size="xs" variant="default" aria-label={WORDS.of(WORDS.edit, name)} onClick={() => onChoose('edit')}>
          {WORDS.edit}
        </Button>
        <Button
          size="xs"
          variant="default"
          aria-label={WORDS.of(WORDS.tokens, name)}
          onClick={() => onChoose('tokens')}
        >
          {WORDS.tokens}
        </Button>
        <Button
          size="xs"
          variant="subtle"
          c="var(--mantine-color-error)"
          aria-label={WORDS.of(WORDS.revokeAll, name)}
          onClick={() => onChoose('revoke')}
        >
          {WORDS.revokeAll}
        </Button>
      </Group>
    </Paper>
  )
}
