// What kind of request a path is. Paths hold room IDs, user IDs and tokens: only these words get out of here.

const CLASSES: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^\/_synapse\/admin\/v1\/registration_tokens\b/, 'registration_tokens'],
  [/^\/_(?:synapse\/admin|dendrite\/admin)\//, 'admin'],
  [/^\/_matrix\/media\//, 'media'],
  [/^\/_matrix\/federation\/v1\/openid\//, 'openid'],
  [/^\/_matrix\/client\/versions$/, 'versions'],
  [/^\/_matrix\/client\/v1\/auth_metadata$/, 'auth_metadata'],
  [/^\/_matrix\/client\/v3\/sync$/, 'sync'],
  [/^\/_matrix\/client\/v3\/(?:login|logout)$/, 'login'],
  [/^\/_matrix\/client\/v3\/account\/whoami$/, 'whoami'],
  [/^\/_matrix\/client\/v3\/register\b/, 'register'],
  [/^\/_matrix\/client\/v3\/keys\//, 'keys'],
  [/^\/_matrix\/client\/v3\/sendToDevice\//, 'send_to_device'],
  [/^\/_matrix\/client\/v3\/profile\//, 'profile'],
  [/^\/_matrix\/client\/v3\/join\//, 'membership'],
  [/^\/_matrix\/client\/v3\/user\/[^/]+\/account_data\//, 'account_data'],
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/send\//, 'send'],
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/state\b/, 'state'],
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/messages$/, 'messages'],
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/(?:joined_)?members$/, 'members'],
  [/^\/_matrix\/client\/v3\/rooms\/[^/]+\/(?:leave|join|forget)$/, 'membership'],
];

/** One of a few words, whatever the path is. */
export function endpointClass(path: string): string {
  return CLASSES.find(([pattern]) => pattern.test(path))?.[1] ?? 'other';
}
