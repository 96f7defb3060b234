import { Center, Loader, Modal, Paper } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { Failure } from '../layout/states.tsx'
import { STRINGS } from '../strings.ts'
import { SignIn } from './sign-in.tsx'
import { useSession } from './use-session.ts'

/**
 * Shows the console to who has a session, and the way to one to who has not. When a session ends, the screen stays as it is
 * behind the dialog: what was typed is there afterwards.
 */
export function Gate({ children }: { readonly children: ReactNode }) {
  const session = useSession()
  if (session.data === 'open' || session.data === 'ended') {
    return (
      <>
        {children}
        <Modal
          opened={session.data === 'ended'}
          onClose={() => undefined}
          withCloseButton={false}
          closeOnClickOutside={false}
          closeOnEscape={false}
          size="md"
          title={STRINGS.signIn.title}
          zIndex={1000}
        >
          <SignIn intro={STRINGS.signIn.ended} hasTitle={false} />
        </Modal>
      </>
    )
  }
  return <Outside>{session.data === 'none' ? <FirstSignIn /> : <Waiting session={session} />}</Outside>
}

function Outside({ children }: { readonly children: ReactNode }) {
  return (
    <Center component="main" mih="100vh" p="md">
      {children}
    </Center>
  )
}

function FirstSignIn() {
  useEffect(() => {
    document.title = `${STRINGS.signIn.title} – ${STRINGS.title}`
  }, [])
  return (
    <Paper className="surface" w="100%" maw={430} p="xl">
      <SignIn intro={STRINGS.signIn.intro} hasTitle />
    </Paper>
  )
}

function Waiting({ session }: { readonly session: ReturnType<typeof useSession> }) {
  if (session.isError && !session.isFetching)
    return <Failure message={session.error.message} onRetry={() => session.refetch()} />
  return <Loader role="status" aria-label={STRINGS.loading} />
}
