// What the widget gets from its client: theme, language and room.
import { THEMES, type ThemeName } from './widgetHost.ts';

const PLACES = {
  room: 'As the room has it',
  top: 'Top',
  right: 'Right panel, 300 px',
  phone: 'Phone',
} as const;
const LANGUAGES = { en: 'English', de: 'Deutsch', fr: 'Français' } as const;

export interface View {
  theme: ThemeName;
  language: string;
  place: keyof typeof PLACES;
}

export function Settings({ view, onChange }: { view: View; onChange: (view: View) => void }) {
  const themes = Object.fromEntries(THEMES.map((name) => [name, name.replaceAll('-', ' ')]));
  return (
    <div class="settings">
      <Choice
        name="Theme"
        value={view.theme}
        options={themes}
        onChoose={(theme) => onChange({ ...view, theme: theme as ThemeName })}
      />
      <Choice
        name="Language"
        value={view.language}
        options={LANGUAGES}
        onChoose={(language) => onChange({ ...view, language })}
      />
      <Choice
        name="Widget"
        value={view.place}
        options={PLACES}
        onChoose={(place) => onChange({ ...view, place: place as View['place'] })}
      />
    </div>
  );
}

interface ChoiceProps {
  name: string;
  value: string;
  options: Record<string, string>;
  onChoose: (value: string) => void;
}

function Choice({ name, value, options, onChoose }: ChoiceProps) {
  return (
    <label>
      <span>{name}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {Object.entries(options).map(([option, label]) => (
          <option key={option} value={option}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
