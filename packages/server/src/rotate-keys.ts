// `npm run keys:rotate`: encrypts all stored secrets with the current key.
import { readArguments, runProgram } from '@activepieces/cli'
import { AiProviders } from '@activepieces/pieces-common'
import { rotate } from './domain/connections/rotate-keys.ts'
import { loadConfig } from './platform/config.ts'
import { openDatabase } from './platform/database/database.ts'
import { masterKeys, recordDatabaseKey } from './platform/secrets/database-key.ts'
import { keyFile, newMasterKey, readKeyFile, writeKeyFile } from './platform/secrets/key-file.ts'
import { createKeyring } from './platform/secrets/keys.ts'

const USAGE = `Usage: npm run keys:rotate [-- --key-lost]

Encrypts all stored secrets with the current key. With a key file (the default), stop the server first: a new key is
generated. With AP_ENCRYPTION_KEY, set the new key there and the previous one in AP_ENCRYPTION_KEYS_OLD.
--key-lost switches to the new key even if no key can decrypt the stored secrets. Enter them again afterwards.`

async function main(): Promise<void> {
  const { values } = readArguments(USAGE, { options: { 'key-lost': { type: 'boolean', default: false } } })
  const keyLost = values['key-lost']
  const config = loadConfig(process.env)
  const byFile = config.encryptionKey === undefined
  if (byFile && config.databaseUrl !== undefined) throw new Error(SERVERS_MUST_KNOW)
  // The embedded database is locked by this process: no server has an older key in memory.
  const database = await openDatabase(config)
  try {
    if (byFile) {
      const previous = await readKeyFile(config.dataDir)
      if (previous.length === 0 && !keyLost) throw new Error(`${keyFile(config.dataDir)} is missing. ${RESTORE}`)
      await writeKeyFile(config.dataDir, [newMasterKey(), ...previous])
    }
    const keys = createKeyring(await masterKeys(config))
    const { all, done, unreadable } = await rotate(database.db, keys, AiProviders, (rotation) => {
      if (rotation.done % 20 === 0) console.log(`${rotation.done} of ${rotation.all} …`)
    })
    console.log(`${done} of ${all} credentials are now encrypted with the key ${keys.current.id}.`)
    if (unreadable.length > 0) {
      console.error(
        `No key can decrypt the credentials of: ${unreadable.join(', ')}. ${keyLost ? SAVE_AGAIN : RESTORE}`,
      )
      if (!keyLost) {
        process.exitCode = 1
        return
      }
    }
    await recordDatabaseKey(database.db, keys)
    // Keeps the previous key for backups that are older than this rotation.
    if (byFile) await writeKeyFile(config.dataDir, (await readKeyFile(config.dataDir)).slice(0, 2))
  } finally {
    await database.close()
  }
}

const SAVE_AGAIN = 'Enter their API keys again in the console.'

const RESTORE =
  'Restore the key from your backup, or add it to AP_ENCRYPTION_KEYS_OLD. If it is lost, run this with --key-lost.'

const SERVERS_MUST_KNOW =
  'With PostgreSQL, the servers need the new key before secrets are encrypted with it: set AP_ENCRYPTION_KEY to a new key ' +
  'and AP_ENCRYPTION_KEYS_OLD to the previous one (the first line of the key file), restart the servers with both, then ' +
  'run this again with both.'

await runProgram(main)
