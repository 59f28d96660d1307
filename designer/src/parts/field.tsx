import { useId, type ComponentProps, type ReactNode } from 'react';

/** A labelled field with its help; `children` gets the id to wear. */
export function Field({ label, help, children }: { readonly label: string; readonly help?: ReactNode; readonly children: (id: string, helpId: string | undefined) => ReactNode }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id, help === undefined ? undefined : `${id}-help`)}
      {help !== undefined && <p className="help" id={`${id}-help`}>{help}</p>}
    </div>
  );
}

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value'> {
  readonly label: string;
  readonly help?: ReactNode;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

export function TextField({ label, help, value, onValue, ...rest }: TextFieldProps) {
  return (
    <Field label={label} help={help}>
      {(id, helpId) => <input {...rest} id={id} aria-describedby={helpId} className="input" value={value} onChange={event => { onValue(event.target.value); }} />}
    </Field>
  );
}

export function TextArea({ label, value, onValue, ...rest }: { readonly label: string; readonly value: string; readonly onValue: (value: string) => void } & Omit<ComponentProps<'textarea'>, 'onChange' | 'value'>) {
  return <Field label={label}>{id => <textarea rows={2} {...rest} id={id} className="input" value={value} onChange={event => { onValue(event.target.value); }} />}</Field>;
}

export function Choice<T extends string>({ label, value, options, onValue }: { readonly label: string; readonly value: T; readonly options: readonly (readonly [T, string])[]; readonly onValue: (value: T) => void }) {
  return (
    <select className="input select" aria-label={label} value={value} onChange={event => { onValue(event.target.value as T); }}>
      {options.map(([option, text]) => <option key={option} value={option}>{text}</option>)}
    </select>
  );
}
