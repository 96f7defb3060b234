import type { Connection } from '@activepieces/contract'
import { ActionIcon, Badge, Code, Group, Menu, Stack, Text, Tooltip } from '@mantine/core'
import { ago, moment, money } from '../format.ts'
import { Icon, type IconName } from '../layout/icons.tsx'
import { STRINGS } from '../strings.ts'

const WORDS = STRINGS.connection

/** What can be done with a connection. */
export type ConnectionAction = 'edit' | 'check' | 'doctor' | 'drill' | 'delete'

type Props = {
  readonly connection: Connection
  /** US dollars this month; undefined where nobody knows. */
  readonly costUsd: number | undefined
  readonly onChoose: (action: ConnectionAction) => void
}

const ACTIONS = [
  { action: 'edit', icon: 'pencil' },
  { action: 'check', icon: 'pulse' },
  { action: 'doctor', icon: 'heart' },
  { action: 'drill', icon: 'bolt' },
] as const satisfies readonly { action: ConnectionAction; icon: IconName }[]

/** A connection on its vendor's card: how it is and why, how it is used, and what can be done with it. */
export function ConnectionRow({ connection, costUsd, onChoose }: Props) {
  const { label, slug, status, statusReason, checkedAt, lastUsedAt, emulated, fingerprint } = connection
  return (
    <Group className="connection" component="li" wrap="nowrap" align="flex-start" gap="sm" py="sm">
      <span className="dot" data-status={status} style={{ marginTop: 8 }} />
      <Stack gap={3} flex={1} miw={0}>
        <Group gap={8}>
          <Text fw={600} size="sm" style={{ overflowWrap: 'anywhere' }}>
            {label}
          </Text>
          {emulated && (
            <Badge size="xs" variant="default" tt="none">
              {WORDS.emulated}
            </Badge>
          )}
        </Group>
        <Group gap={8}>
          <Tooltip label={checkedAt === null ? WORDS.neverChecked : WORDS.checked(moment(checkedAt))}>
            <Text size="sm" c={status === 'active' || status === 'unknown' ? 'dimmed' : 'var(--mantine-color-error)'}>
              {WORDS.status[status]}
            </Text>
          </Tooltip>
          <Code>{slug}</Code>
          {fingerprint !== null && (
            <Tooltip label={WORDS.fingerprint}>
              <Text size="xs" c="dimmed" ff="monospace">
                {fingerprint.slice(0, 8)}
              </Text>
            </Tooltip>
          )}
        </Group>
        {statusReason !== null && status !== 'active' && (
          <Text size="sm" lineClamp={3} title={statusReason}>
            {statusReason}
          </Text>
        )}
        <Text size="xs" c="dimmed" className="numbers">
          {[
            lastUsedAt === null ? WORDS.neverUsed : WORDS.used(ago(lastUsedAt)),
            costUsd === undefined ? undefined : WORDS.cost(money(costUsd)),
          ]
            .filter((word) => word !== undefined)
            .join(' · ')}
        </Text>
      </Stack>
      <Menu position="bottom-end" withinPortal={false} returnFocus withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={WORDS.actions(label)}>
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {ACTIONS.map(({ action, icon }) => (
            <Menu.Item key={action} leftSection={<Icon name={icon} size={16} />} onClick={() => onChoose(action)}>
              {WORDS.action[action]}
            </Menu.Item>
          ))}
          <Menu.Divider role="separator" />
          <Menu.Item
            c="var(--mantine-color-error)"
            leftSection={<Icon name="bin" size={16} />}
            onClick={() => onChoose('delete')}
          >
            {WORDS.action.delete}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  )
}
