// The fields for uses and expiry, shared by creating and editing.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { useLanguage } from '../i18n/i18n.ts';
import type { ExpiryChoice, FormErrors, TokenForm, UsesChoice } from './form.ts';

interface Props {
  form: TokenForm;
  errors: FormErrors;
  onChange: (change: Partial<TokenForm>) => void;
  /** Offers to keep the current expiry. */
  keep?: boolean;
}

export function LimitFields({ form, errors, onChange, keep = false }: Props) {
  const { t } = useLanguage();
  const uses: [UsesChoice, string][] = [
    ['one', t.form.usesOne],
    ['unlimited', t.form.usesUnlimited],
    // The last choice of each row has its field beside it.
    ['number', t.form.usesNumber],
  ];
  const expiry: [ExpiryChoice, string][] = [
    ...(keep ? [['keep', t.form.expiryKeep] as [ExpiryChoice, string]] : []),
    ['1d', t.form.expiry1d],
    ['7d', t.form.expiry7d],
    ['30d', t.form.expiry30d],
    ['never', t.form.expiryNever],
    ['at', t.form.expiryAt],
  ];
  return (
    <>
      <Choices
        legend={t.form.uses}
        options={uses}
        value={form.uses}
        onChange={(value) => onChange({ uses: value })}
      >
        {form.uses === 'number' && (
          <Field inline label={t.form.usesField} error={errors.uses && t.form.errors.uses}>
            {(ids) => (
              <input
                {...ids}
                type="number"
                class="field short"
                min={1}
                max={2147483647}
                step={1}
                inputMode="numeric"
                value={form.usesNumber}
                onInput={(event) => onChange({ usesNumber: event.currentTarget.value })}
              />
            )}
          </Field>
        )}
      </Choices>
      <Choices
        legend={t.form.expiry}
        options={expiry}
        value={form.expiry}
        onChange={(value) => onChange({ expiry: value })}
      >
        {form.expiry === 'at' && (
          <Field inline label={t.form.expiryField} error={errors.expiry && t.form.errors[errors.expiry]}>
            {(ids) => (
              <input
                {...ids}
                type="datetime-local"
                class="field"
                value={form.expiryAt}
                onInput={(event) => onChange({ expiryAt: event.currentTarget.value })}
              />
            )}
          </Field>
        )}
      </Choices>
    </>
  );
}

interface ChoicesProps<T extends string> {
  legend: string;
  options: readonly [T, string][];
  value: T;
  onChange: (value: T) => void;
  /** The field of the chosen option. */
  children: ComponentChildren;
}

function Choices<T extends string>({ legend, options, value, onChange, children }: ChoicesProps<T>) {
  const name = useId();
  return (
    <fieldset class="choices">
      <legend>{legend}</legend>
      <div class="choices-row">
        {options.map(([option, text]) => (
          <label key={option} class="choice">
            <input
              type="radio"
              name={name}
              value={option}
              checked={option === value}
              onChange={() => onChange(option)}
            />
            <span>{text}</span>
          </label>
        ))}
        {children}
      </div>
    </fieldset>
  );
}

interface FieldIds {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
}
interface FieldProps {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  /** Beside the choice that names it: the label is for screen readers only. */
  inline?: boolean;
  children: (ids: FieldIds) => ComponentChildren;
}

/** A labelled field; its error is shown below it and read out by screen readers. */
export function Field({ label, hint, error, inline = false, children }: FieldProps) {
  const id = useId();
  const about = error ?? hint;
  return (
    <div class={inline ? 'inline' : 'labelled'}>
      <label for={id} class={inline ? 'unseen' : undefined}>
        {label}
      </label>
      {children({
        id,
        'aria-describedby': about === undefined ? undefined : `${id}-about`,
        'aria-invalid': error !== undefined,
      })}
      <p id={`${id}-about`} class={error === undefined ? 'field-hint' : 'field-error'} aria-live="polite">
        {about ?? ''}
      </p>
    </div>
  );
}
