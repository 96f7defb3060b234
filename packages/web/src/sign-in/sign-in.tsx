import { Button, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { STRINGS } from '../strings.ts'
import { useSignIn } from './use-session.ts'

type Props = {
  readonly intro: string
  /** Not where what stands around has one. */
  readonly hasTitle: boolean
}

export function SignIn({ intro, hasTitle }: Props) {
  const [key, setKey] = useState('')
  const signIn = useSignIn()
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        signIn.mutate(key)
      }}
    >
      <Stack>
        {hasTitle && <img src="/icon.svg" alt="" width={36} height={36} />}
        <div>
          {hasTitle && (
            <Title order={1} size="h3">
              {STRINGS.signIn.title}
            </Title>
          )}
          <Text c="dimmed" size="sm" mt={4}>
            {intro}
          </Text>
        </div>
        <PasswordInput
          label={STRINGS.signIn.key}
          name="adminKey"
          autoComplete="current-password"
          data-autofocus
          autoFocus
          value={key}
          error={signIn.error?.message}
          visibilityToggleButtonProps={{ 'aria-label': STRINGS.signIn.show }}
          onChange={(event) => setKey(event.currentTarget.value.trim())}
        />
        <Button type="submit" loading={signIn.isPending} disabled={key === ''}>
          {STRINGS.signIn.submit}
        </Button>
      </Stack>
    </form>
  )
}
