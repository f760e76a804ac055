import type { Texts } from './en.ts';

const n = (value: number): string => new Intl.NumberFormat('de').format(value);
const people = (count: number): string =>
  count === 1 ? 'Eine Person registriert' : `${n(count)} Personen registrieren`;

const problems = {
  offline: 'Der Bot ist gerade nicht erreichbar. Versuche es gleich noch einmal.',
  unknown: 'Etwas Unerwartetes ist schiefgegangen. Versuche es noch einmal.',
  identity_declined: 'Der Bot weiß nicht, wer du bist.',
  client_silent: 'Dein Client antwortet nicht.',
  session_ended: 'Deine Sitzung ist beendet.',
  conflict: 'Jemand anderes hat das inzwischen geändert.',
};

export const de: Texts = {
  title: 'Registrierungstoken',
  nav: { label: 'Bereiche', tokens: 'Token', access: 'Zugriff', status: 'Status' },
  loading: 'Wird geladen …',
  retry: 'Erneut versuchen',
  close: 'Schließen',
  cancel: 'Abbrechen',
  save: 'Speichern',
  saving: 'Wird gespeichert …',
  delete: 'Löschen',
  edit: 'Bearbeiten',
  remove: 'Entfernen',

  state: {
    active: 'Gültig',
    pending: 'In Benutzung',
    used: 'Verbraucht',
    expired: 'Abgelaufen',
    revoked: 'Widerrufen',
  },
  stateHint: {
    active: 'Damit kann man sich registrieren',
    pending: 'Alle Nutzungen sind durch laufende Registrierungen belegt',
    used: 'Alle Nutzungen sind verbraucht',
    expired: 'Damit kann man sich nicht mehr registrieren',
    revoked: 'Wurde widerrufen',
  },

  list: {
    label: 'Registrierungstoken',
    filters: 'Anzeigen',
    all: 'Alle',
    filterName: (state, count) => `${state}: ${n(count)} Token`,
    search: 'Token suchen',
    sort: 'Sortieren',
    sorts: {
      changed: 'Neueste zuerst',
      token: 'Token von A bis Z',
      expiry_time: 'Ablauf, bald zuerst',
      completed: 'Meistgenutzte',
    },
    shown: (count) => `${n(count)} Token angezeigt`,
    select: (token) => `${token} auswählen`,
    selectAll: 'Alle auswählen',
    selected: (count) => `${n(count)} ausgewählt`,
    clearSelection: 'Abwählen',
    deleteSelected: 'Löschen …',
    editToken: (token) => `${token} bearbeiten`,
    deleteToken: (token) => `${token} löschen`,
    deleting: 'Wird gelöscht …',
    empty: 'Noch keine Token',
    emptyHint:
      'Erstelle einen und schicke ihn der Person, die du einladen möchtest. Sie gibt ihn beim Registrieren ein.',
    nothingFound: 'Kein Token passt dazu',
    nothingFoundHint: 'Suche nach etwas anderem oder zeige Token in jedem Zustand an.',
    showAll: 'Alle Token anzeigen',
    failed: 'Die Token konnten nicht geladen werden',
  },

  uses: {
    unlimited: 'unbegrenzt',
    of: (completed, limit) => `${n(completed)} von ${n(limit)} genutzt`,
    ofUnlimited: (completed) => `${n(completed)} genutzt, unbegrenzt`,
    pending: (count) => `${n(count)} laufend`,
  },
  expiry: {
    never: 'Läuft nie ab',
    expires: (relative) => `Läuft ${relative} ab`,
    expired: (relative) => `Abgelaufen ${relative}`,
  },

  copy: {
    copy: 'Kopieren',
    copyToken: (token) => `${token} kopieren`,
    copyAll: (count) => `${n(count)} Token kopieren`,
    done: 'Kopiert',
    announced: (token) => `${token} wurde kopiert`,
    announcedMany: (count) => `${n(count)} Token wurden kopiert`,
    blocked: 'Dein Browser lässt diese Seite nicht kopieren. Der Token ist markiert: drücke Strg+C oder ⌘C.',
  },

  create: {
    quick: 'Token erstellen',
    creating: 'Wird erstellt …',
    more: 'Mehr Optionen …',
    title: 'Token erstellen',
    submit: (count) => (count === 1 ? 'Token erstellen' : `${n(count)} Token erstellen`),
    ready: (count, of) =>
      of === 1
        ? 'Dein Token ist fertig'
        : `${count === of ? '' : `${n(count)} von `}${n(of)} Token ${count === 1 ? 'ist' : 'sind'} fertig`,
    readyHint: (count) =>
      count === 1 ? 'Schicke ihn der Person, die du einladen möchtest.' : 'Schicke jeder Person einen davon.',
    registering: () => 'Jemand registriert sich gerade damit',
    over: (count, state) =>
      count === 1 ? `Dein Token ist ${state}` : `Deine ${n(count)} Token sind ${state}`,
    deleted: 'Gelöscht',
    invalid: 'nicht mehr gültig',
    partly: (count) =>
      count === 1
        ? 'Nur ein Token konnte erstellt werden.'
        : `Nur ${n(count)} Token konnten erstellt werden.`,
    failed: 'Der Token konnte nicht erstellt werden.',
    dismiss: 'Fertig',
  },

  form: {
    uses: 'Für wie viele Personen?',
    usesOne: 'Eine',
    usesNumber: 'Anzahl',
    usesUnlimited: 'Beliebig viele',
    usesField: 'Anzahl der Nutzungen',
    expiry: 'Bis wann?',
    expiryKeep: 'Wie bisher',
    expiry1d: '1 Tag',
    expiry7d: '7 Tage',
    expiry30d: '30 Tage',
    expiryNever: 'Läuft nie ab',
    expiryAt: 'Zeitpunkt',
    expiryField: 'Läuft ab am',
    token: 'Eigener Token (freiwillig)',
    tokenHint: 'Leer: ein zufälliger. Möglich: A–Z a–z 0–9 .\u00a0_\u00a0~\u00a0-',
    tokenOk: (left) => `Passt; noch ${n(left)} Zeichen möglich.`,
    count: 'Wie viele Token?',
    countHint: 'Bis zu 50, jeder zufällig.',
    errors: {
      uses: 'Gib eine ganze Zahl von 1 bis 2.147.483.647 ein.',
      expiryMissing: 'Wähle ein Datum und eine Uhrzeit.',
      expiryPast: 'Wähle einen Zeitpunkt in der Zukunft.',
      tokenCharacters: 'Möglich sind nur A–Z a–z 0–9 . _ ~ -',
      tokenLong: 'Höchstens 64 Zeichen sind möglich.',
      tokenDots: 'Ein oder zwei Punkte allein sind kein Token.',
      count: 'Gib eine ganze Zahl von 1 bis 50 ein.',
    },
  },

  editing: {
    title: 'Token bearbeiten',
    pending: (count) =>
      `${people(count)} sich gerade und ${count === 1 ? 'kann' : 'können'} das abschließen, egal was du hier änderst.`,
    noneLeft: 'Mit dieser Grenze kann niemand sonst den Token nutzen.',
    left: (count) =>
      count === 1
        ? 'Noch eine Person kann sich registrieren.'
        : `Noch ${n(count)} Personen können sich registrieren.`,
    conflict: 'Jemand anderes hat diesen Token inzwischen geändert.',
    conflictHint: 'Das Formular zeigt jetzt den neuen Stand. Prüfe ihn und speichere dann noch einmal.',
    gone: 'Jemand anderes hat diesen Token inzwischen gelöscht.',
    saved: 'Gespeichert',
    failed: 'Die Änderung wurde nicht gespeichert.',
    nothing: 'Es wurde nichts geändert.',
  },

  deleting: {
    title: (count) => (count === 1 ? 'Diesen Token löschen?' : `${n(count)} Token löschen?`),
    hint: () =>
      'Danach kann sich niemand mehr damit registrieren. Konten, die damit entstanden sind, bleiben.',
    pending: (count) => `${people(count)} sich gerade.`,
    more: (count) => `und ${n(count)} weitere`,
    submit: (count) => (count === 1 ? 'Löschen' : `${n(count)} löschen`),
    done: (count) => `${n(count)} Token gelöscht`,
    alreadyGone: (count) => `${n(count)} Token hatte schon jemand anderes gelöscht.`,
    failed: (count) =>
      count === 1
        ? 'Der Token konnte nicht gelöscht werden.'
        : `${n(count)} Token konnten nicht gelöscht werden.`,
    limit: 'Höchstens 1.000 Token lassen sich auf einmal löschen: Die ersten 1.000 sind ausgewählt.',
  },

  access: {
    title: 'Wer Token verwalten darf',
    openTitle: (server) => `Alle auf ${server} dürfen Token verwalten`,
    openHint:
      'Die Liste ist leer, deshalb dürfen alle mit einem Konto auf diesem Homeserver Token verwalten. Sobald du unten ' +
      'jemanden zulässt, dürfen es nur noch die auf der Liste; du wirst selbst mit aufgenommen.',
    closedTitle: 'Noch ist niemand zugelassen',
    closedHint: 'Die Konfiguration des Bots lässt ohne Liste niemanden zu.',
    named: 'Nur wer auf dieser Liste steht, darf Token verwalten.',
    add: 'Jemanden zulassen',
    pattern: 'Benutzer-ID oder Muster',
    patternHint: (server) => `Zum Beispiel @freundin:${server} oder @.*:${server} für alle dort.`,
    addButton: 'Zulassen',
    adding: 'Wird hinzugefügt …',
    fromConfig: 'Konfiguration',
    fromConfigHint: 'Steht in der Konfigurationsdatei des Bots und lässt sich dort ändern.',
    fromCommand: 'Hinzugefügt',
    addedBy: (who, when) => `von ${who}, ${when}`,
    removeName: (pattern) => `${pattern} entfernen`,
    removeTitle: 'Diesen Zugriff entziehen?',
    removeHint: 'Wer nur zu diesem Eintrag passt, kann danach keine Token mehr verwalten.',
    removeLast: (server) =>
      `Dies ist der letzte Eintrag. Ohne ihn dürfen alle auf ${server} Token verwalten.`,
    added: (patterns) => `Zugelassen: ${patterns}`,
    already: (patterns) => `Stand schon auf der Liste: ${patterns}`,
    alsoAdded: (user) => `${user} wurde mit aufgenommen, damit du deinen Zugriff behältst.`,
    removed: (pattern) => `Entfernt: ${pattern}`,
    failed: 'Die Liste konnte nicht geladen werden',
    notAdded: 'Es wurde nichts hinzugefügt.',
    notRemoved: 'Es wurde nichts entfernt.',
  },

  status: {
    title: 'Was funktioniert und was nicht',
    reload: 'Erneut prüfen',
    checking: 'Wird geprüft …',
    allWell: 'Alles funktioniert.',
    problems: (count) =>
      count === 1
        ? 'Eine Sache braucht deine Aufmerksamkeit.'
        : `${n(count)} Dinge brauchen deine Aufmerksamkeit.`,
    state: { ok: 'Funktioniert', problem: 'Problem', note: 'Hinweis' },
    failed: 'Der Status konnte nicht gelesen werden',
    about: {
      'Token API': 'Token-Schnittstelle',
      'Rate limit': 'Ratenbegrenzung',
      Registration: 'Registrierung',
      Access: 'Zugriff',
      Encryption: 'Verschlüsselung',
      Identity: 'Identität',
      Devices: 'Geräte',
      Verification: 'Verifizierung',
    },
    findings: {
      homeserver_ok: 'antwortet.',
      token_api_ok: 'Der Bot kann Registrierungstoken verwalten.',
      rate_limit_off: 'aus.',
      rate_limit_on: 'Der Homeserver begrenzt, wie schnell der Bot antwortet. Ein Server-Admin hebt das auf:',
      registration_token: 'offen für alle, die einen Token haben.',
      registration_open:
        'offen für alle, auch ohne Token. Setze registration_requires_token: true in der Konfiguration des Homeservers.',
      registration_closed:
        'geschlossen, sodass Token nichts nützen. Setze enable_registration: true und ' +
        'registration_requires_token: true in der Konfiguration des Homeservers.',
      registration_unknown: 'Der Homeserver sagt gerade nicht, ob er nach einem Token fragt.',
      access_default:
        'Alle Benutzer des Homeservers dürfen Token verwalten, weil niemand namentlich zugelassen ist. ' +
        'Unter „Zugriff“ kannst du das ändern.',
      access_nobody: 'Niemand darf Token verwalten, weil niemand namentlich zugelassen ist.',
      access_named: 'Wer namentlich zugelassen ist, darf Token verwalten.',
      encryption_off:
        'aus (bot.encryption ist false). Der Bot kann verschlüsselte Räume nicht lesen und nicht in ihnen schreiben.',
      encryption_on: 'an. Das Gerät des Bots und sein Sitzungsschlüssel:',
      identity_own:
        'Das Gerät des Bots ist signiert. Mit bot.recovery_key bliebe die Identität erhalten, wenn der Datenordner verloren geht.',
      identity_kept:
        'Das Gerät des Bots ist signiert; bot.recovery_key stellt die Identität wieder her, falls der Datenordner verloren geht.',
      trust_any: 'Befehle werden von jedem Gerät derer angenommen, die Zugriff haben (bot.trust ist any).',
      verification: 'Wer den Bot verifiziert, muss dieselben Emoji sehen.',
      widget_ok: 'funktioniert.',
      widget_off: 'aus.',
      proxy_untrusted:
        'fehlt in web.trusted_proxies, sodass alle hinter ihm als eine Adresse zählen. Wenn es dein Proxy ist, trage ihn ein:',
    },
  },

  live: {
    lost: 'Keine Verbindung zum Bot. Was du siehst, ist vielleicht nicht mehr aktuell.',
    ended: 'Deine Sitzung ist beendet. Was du siehst, ist vielleicht nicht mehr aktuell.',
    retry: 'Jetzt verbinden',
    back: 'Wieder verbunden',
  },

  page: {
    connecting: 'Verbindung zum Bot wird hergestellt …',
    consent:
      'Vielleicht fragt dein Client, ob du mitteilen möchtest, wer du bist. Der Bot prüft damit, ob du Token verwalten darfst.',
    declined: 'Der Bot weiß nicht, wer du bist',
    declinedHint:
      'Dein Client durfte dem Bot deine Benutzer-ID nicht mitteilen. Sie dient nur dazu, zu prüfen, ob du ' +
      'Registrierungstoken verwalten darfst: Passwort und Nachrichten werden nicht weitergegeben.',
    declinedRetry: 'Noch einmal fragen',
    silent: 'Dein Client antwortet nicht',
    silentHint:
      'Das Widget konnte nicht erfahren, wer du bist. Schließe und öffne es noch einmal, oder nutze die Befehle des Bots.',
    refused: 'Der Bot konnte nicht prüfen, wer du bist',
    refusedHint: 'Nur Benutzer des Homeservers, zu dem der Bot gehört, können dieses Widget nutzen.',
    notAllowed: 'Du darfst keine Token verwalten',
    notAllowedHint:
      'Bitte jemanden, der es darf, dich zuzulassen: mit der Nachricht „allow“ und deiner Benutzer-ID an den Bot.',
    withdrawn: 'Du darfst keine Token mehr verwalten',
    withdrawnHint: 'Jemand hat dir den Zugriff entzogen, während diese Seite offen war.',
    unreachable: 'Der Bot ist nicht erreichbar',
    unreachableHint: 'Vielleicht startet er gerade neu. Diese Seite versucht es automatisch erneut.',
    plain: 'Diese Seite gehört in deinen Matrix-Client',
    plainHint:
      'Hier verwaltest du Registrierungstoken mit Knöpfen und Formularen, direkt neben deinem Chat mit dem Bot. So öffnest du sie:',
    plainSteps: [
      'Öffne deinen direkten Chat mit dem Bot in Element, im Browser oder auf dem Desktop.',
      'Schicke die Nachricht „widget“, falls es noch nicht oben im Chat ist.',
      'Wähle „Fortfahren“, wenn Element fragt, ob es geladen werden und erfahren darf, wer du bist.',
    ],
    plainOther: 'In jedem anderen Client geht alles auch mit Befehlen: Schicke dem Bot „help“.',
  },

  problems,
};
