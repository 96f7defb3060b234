import {
  ActionIcon,
  Anchor,
  AppShell,
  Drawer,
  Group,
  Stack,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { useSignOut } from '../sign-in/use-session.ts'
import { STRINGS } from '../strings.ts'
import { Icon, type IconName } from './icons.tsx'

const SECTIONS = [
  { path: '/providers', label: STRINGS.nav.providers, icon: 'plug' },
  { path: '/step', label: STRINGS.nav.step, icon: 'play' },
  { path: '/usage', label: STRINGS.nav.usage, icon: 'chart' },
  { path: '/projects', label: STRINGS.nav.projects, icon: 'key' },
  { path: '/audit', label: STRINGS.nav.audit, icon: 'list' },
] as const satisfies readonly { path: string; label: string; icon: IconName }[]

/** What stands around every screen: the sections, the colour scheme, the way out. On a phone the sections are a drawer. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const [open, { open: show, close }] = useDisclosure()
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 236, breakpoint: 'sm', collapsed: { mobile: true } }}
      padding={{ base: 'md', md: 'xl' }}
    >
      <a className="skip" href="#content">
        {STRINGS.skip}
      </a>
      <AppShell.Header bg="var(--console-surface)">
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <ActionIcon variant="subtle" color="gray" hiddenFrom="sm" aria-label={STRINGS.nav.open} onClick={show}>
              <Icon name="menu" />
            </ActionIcon>
            <img src="/icon.svg" alt="" width={26} height={26} />
            <Text fw={650}>{STRINGS.title}</Text>
          </Group>
          <SchemeSwitch />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" bg="var(--console-surface)" visibleFrom="sm" aria-label={STRINGS.nav.label}>
        <Sections onChoose={close} />
      </AppShell.Navbar>
      <Drawer
        opened={open}
        onClose={close}
        size={270}
        title={STRINGS.title}
        hiddenFrom="sm"
        closeButtonProps={{ 'aria-label': STRINGS.close }}
      >
        <nav aria-label={STRINGS.nav.label}>
          <Sections onChoose={close} />
        </nav>
      </Drawer>
      <AppShell.Main id="content" tabIndex={-1}>
        {children}
      </AppShell.Main>
    </AppShell>
  )
}

function Sections({ onChoose }: { readonly onChoose: () => void }) {
  const [path] = useLocation()
  const signOut = useSignOut()
  return (
    <Stack gap={2} h="100%">
      {SECTIONS.map((section) => (
        <Link
          key={section.path}
          href={section.path}
          className="nav-link"
          aria-current={path.startsWith(section.path) ? 'page' : undefined}
          onClick={onChoose}
        >
          <Icon name={section.icon} />
          {section.label}
        </Link>
      ))}
      <Stack gap={2} mt="auto" pt="xl">
        <Anchor className="nav-link" href="/docs" underline="never" c="inherit">
          <Icon name="book" />
          {STRINGS.nav.reference}
        </Anchor>
        <button type="button" className="nav-link" onClick={() => signOut.mutate()}>
          <Icon name="leave" />
          {STRINGS.nav.signOut}
        </button>
      </Stack>
    </Stack>
  )
}

function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme()
  const next = useComputedColorScheme('light', { getInitialValueInEffect: false }) === 'dark' ? 'light' : 'dark'
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={STRINGS.nav.scheme(next)}
      onClick={() => setColorScheme(next)}
    >
      <Icon name={next === 'dark' ? 'moon' : 'sun'} />
    </ActionIcon>
  )
}
