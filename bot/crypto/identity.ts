// The bot's cross-signing identity (https://spec.matrix.org/v1.16/client-server-api/#cross-signing): created at the
// first start, it signs the bot's device. Clients that follow MSC4153 send keys only to devices signed by their owner.

import { DeviceId, type OlmMachine, OwnUserIdentity, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import { Problem, problem } from '../../common/problems/problem.ts';
import type { RecoveryKey } from '../lib/recoveryKey.ts';
import { RequestFailed } from '../matrix/errors.ts';
import { asObject } from '../matrix/json.ts';
import type { MatrixSession } from '../matrix/session.ts';
import type { Log } from '../observability/log.ts';
import type { MachineRequest, MachineRequests } from './machineRequests.ts';
import { type CrossSigningSecrets, SecretStorage } from './secretStorage.ts';

export interface IdentityOptions {
  readonly machine: OlmMachine;
  readonly requests: MachineRequests;
  readonly session: MatrixSession;
  readonly password: string | undefined;
  readonly recoveryKey: RecoveryKey | undefined;
  /** Replace an identity that is not the bot's. */
  readonly reset: boolean;
  readonly log: Log;
}

export interface IdentityState {
  /** Whether the private keys are in the account's secret storage, so that they survive the loss of the data folder. */
  readonly recovery: 'stored' | 'none';
  /** The reason why the bot's device is not signed, or the keys are not stored. */
  readonly problem: Problem | undefined;
}

/** Returns homeserver errors as `problem` instead of throwing: most clients work with a bot without an identity. */
export async function establishIdentity(options: IdentityOptions): Promise<IdentityState> {
  const { session, log } = options;
  try {
    return await session.retryRequest('set up the identity', () => establish(options));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    log.error(`The bot’s identity could not be set up: ${error.sentence}`);
    return { recovery: 'none', problem: error };
  }
}

async function establish(options: IdentityOptions): Promise<IdentityState> {
  const { machine, log, recoveryKey, session, reset } = options;
  const storage = recoveryKey === undefined ? undefined : new SecretStorage(session, recoveryKey);
  const exists = await queryOwnKeys(options);
  // An incomplete identity, which the machine can't parse, counts as foreign and is not replaced without `reset`.
  const isForeign = exists && !(await isOurs(options));
  const isRecovered = isForeign && storage !== undefined && (await recover(options, storage));
  const isReset = isForeign && !isRecovered && reset;
  if (isForeign && !isRecovered && !isReset) {
    const problem = foreignIdentity(options);
    log.warn(problem.sentence);
    return { recovery: 'none', problem };
  }
  if (isReset) {
    if (options.password === undefined) throw passwordWanted();
    await upload(options, true);
    log.warn(
      'The identity of the bot’s account was replaced. Take bot.reset_identity out of the configuration.',
    );
  } else if (!exists) {
    const { hasMaster } = await machine.crossSigningStatus();
    await upload(options, false);
    if (!hasMaster) log.info('Made an identity for the bot’s account and signed its device.');
  } else {
    await signDevice(options);
  }
  const problem = storage === undefined ? undefined : await keepSecrets(options, storage, isReset);
  return { recovery: storage === undefined || problem ? 'none' : 'stored', problem };
}

/** Imports the private cross-signing keys from the account's secret storage. @returns whether that succeeded */
async function recover(options: IdentityOptions, storage: SecretStorage): Promise<boolean> {
  const { machine, log } = options;
  try {
    const secrets = await storage.read();
    if (secrets === undefined) return false;
    const { master, self_signing, user_signing } = secrets;
    const status = await machine.importCrossSigningKeys(master, self_signing, user_signing);
    // The machine imports only keys that match the account's current identity.
    const taken = status.hasMaster && status.hasSelfSigning && status.hasUserSigning;
    if (taken) log.info('The bot’s identity was recovered with bot.recovery_key.');
    return taken;
  } catch (error) {
    if (error instanceof Problem && error.kind === 'recovery_key_refused') return false;
    throw error;
  }
}

async function keepSecrets(
  { machine, log }: IdentityOptions,
  storage: SecretStorage,
  anew: boolean,
): Promise<Problem | undefined> {
  const secrets = await exportSecrets(machine);
  if (secrets === undefined) return undefined;
  try {
    await storage.write(secrets, anew);
    return undefined;
  } catch (error) {
    if (!(error instanceof Problem) || error.transient) throw error;
    log.error(error.sentence);
    return error;
  }
}

function me({ machine }: IdentityOptions): UserId {
  return new UserId(machine.userId.toString());
}

/** Whether the homeserver has an identity: the machine may have one that was never uploaded. */
async function queryOwnKeys(options: IdentityOptions): Promise<boolean> {
  const query = options.machine.queryKeysForUsers([me(options)]) as MachineRequest;
  const { master_keys: masterKeys } = asObject(await options.requests.send(query));
  return asObject(masterKeys)[options.machine.userId.toString()] !== undefined;
}

async function ownIdentity(options: IdentityOptions): Promise<OwnUserIdentity | undefined> {
  const identity = await options.machine.getIdentity(me(options));
  return identity instanceof OwnUserIdentity ? identity : undefined;
}

/** The machine drops private keys that don't match the identity on the homeserver. */
async function isOurs(options: IdentityOptions): Promise<boolean> {
  const identity = await ownIdentity(options);
  const { hasMaster, hasSelfSigning, hasUserSigning } = await options.machine.crossSigningStatus();
  return hasMaster && hasSelfSigning && hasUserSigning && identity?.isVerified() === true;
}

/** Signs with the identity on the homeserver: from imported private keys the machine can't upload an identity again. */
async function signDevice(options: IdentityOptions): Promise<void> {
  const { machine, requests } = options;
  const device = await machine.getDevice(me(options), new DeviceId(machine.deviceId.toString()));
  if (device === undefined || device.isCrossSignedByOwner()) return;
  await requests.send((await device.verify()) as MachineRequest);
  await queryOwnKeys(options);
}

/** Uploads the identity and signs the device. Creates a new identity if there is none, or if `fresh`. */
async function upload(options: IdentityOptions, fresh: boolean): Promise<void> {
  const { machine, requests } = options;
  const made = await machine.bootstrapCrossSigning(fresh);
  const keys = made.uploadKeysRequest as MachineRequest | undefined;
  if (keys !== undefined) await requests.send(keys);
  await uploadSigningKeys(options, JSON.parse(made.uploadSigningKeysRequest.body));
  await requests.send(made.uploadSignaturesRequest as MachineRequest);
  await queryOwnKeys(options);
}

/** Homeservers require the password only to replace an identity, not for the first or the same one (MSC3967). */
async function uploadSigningKeys(options: IdentityOptions, keys: Record<string, unknown>): Promise<void> {
  const { session, password } = options;
  const path = '/_matrix/client/v3/keys/device_signing/upload';
  try {
    await session.request('POST', path, keys);
  } catch (error) {
    const isAuthenticationWanted =
      error instanceof RequestFailed &&
      error.status === 401 &&
      typeof asObject(error.answer).session === 'string';
    if (!isAuthenticationWanted) throw error;
    if (password === undefined) throw passwordWanted(error);
    const auth = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: session.userId },
      password,
      session: asObject(error.answer).session,
    };
    await session.request('POST', path, { ...keys, auth });
  }
}

/** undefined: not all private keys are available. */
export async function exportSecrets(machine: OlmMachine): Promise<CrossSigningSecrets | undefined> {
  const exported = await machine.exportCrossSigningKeys();
  const { masterKey, self_signing_key: selfSigningKey, userSigningKey } = exported ?? {};
  if (masterKey === undefined || selfSigningKey === undefined || userSigningKey === undefined)
    return undefined;
  return { master: masterKey, self_signing: selfSigningKey, user_signing: userSigningKey };
}

function passwordWanted(cause?: Error): Problem {
  return problem('reset_needs_password', undefined, cause === undefined ? undefined : { cause });
}

function foreignIdentity({ session, recoveryKey }: IdentityOptions): Problem {
  return problem('identity_foreign', {
    userId: session.userId,
    hasRecoveryKey: recoveryKey !== undefined,
  });
}
