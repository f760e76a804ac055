// Who may send which state event: the rules of the Matrix specification about power levels, as far as the bot needs
// them (https://spec.matrix.org/v1.16/client-server-api/#mroompower_levels; creators: room version 12). Pure.
import { asObject, type Json } from '../json.ts';

/** The state events that define power levels; undefined: the room has none. */
export interface RoomAuthority {
  /** `m.room.create` */
  readonly create: { readonly content: Json; readonly sender: string | undefined } | undefined;
  /** The content of `m.room.power_levels`. */
  readonly powerLevels: Json | undefined;
}

/** The power level that a user has and the higher one that is required. */
export interface PowerGap {
  readonly has: number;
  readonly needs: number;
}

/** The power level missing for sending a state event; undefined: the user may send it. */
export function powerGap(authority: RoomAuthority, userId: string, stateType: string): PowerGap | undefined {
  const has = powerLevelOf(authority, userId);
  const needs = powerLevelFor(authority, stateType);
  return has >= needs ? undefined : { has, needs };
}

/** Infinity: a creator, in room versions that put creators above all levels. */
export function powerLevelOf({ create, powerLevels }: RoomAuthority, userId: string): number {
  const isCreator = creatorsOf(create).includes(userId);
  if (isCreator && hasPrivilegedCreators(create?.content)) return Number.POSITIVE_INFINITY;
  if (powerLevels === undefined) return isCreator ? 100 : 0;
  return level(asObject(powerLevels.users)[userId]) ?? level(powerLevels.users_default) ?? 0;
}

function powerLevelFor({ powerLevels }: RoomAuthority, stateType: string): number {
  // Defaults of the specification: 0 without the event, 50 with it.
  if (powerLevels === undefined) return 0;
  return level(asObject(powerLevels.events)[stateType]) ?? level(powerLevels.state_default) ?? 50;
}

function creatorsOf(create: RoomAuthority['create']): unknown[] {
  if (create === undefined) return [];
  const { creator, additional_creators } = create.content;
  if (hasPrivilegedCreators(create.content)) {
    return [create.sender, ...(Array.isArray(additional_creators) ? additional_creators : [])];
  }
  // Up to room version 10 the content has the creator too: the same user as the sender.
  return [create.sender ?? creator];
}

/** From room version 12 on; `org.matrix.hydra.11` is its unstable identifier. */
function hasPrivilegedCreators(create: Json | undefined): boolean {
  const version = create?.room_version;
  if (typeof version !== 'string') return false;
  return version.startsWith('org.matrix.hydra.') || (/^\d+$/.test(version) && Number(version) >= 12);
}

/** Before room version 10, power levels may be strings. */
function level(value: unknown): number | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return Math.trunc(value);
  if (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) return Number(value);
  return undefined;
}
