import { useEffect, useState, type ReactNode } from 'react';

interface LineFieldProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly hint?: string;
  readonly mono?: boolean;
  /** Stands behind the field: a button that finds a value. */
  readonly beside?: ReactNode;
  readonly onValue: (value: string) => void;
}

/** One value: written when it is left or Enter is pressed, as it was with Escape. */
export function LineField({ label, value, placeholder, hint, mono, beside, onValue }: LineFieldProps) {
  const [typed, setTyped] = useState(value);
  useEffect(() => { setTyped(value); }, [value]);
  const done = () => { if (typed.trim() !== value.trim()) onValue(typed.trim()); };
  const field = (
    <label className="line-field">
      <span>{label}{hint !== undefined && <small className="soft" title={hint}> {hint}</small>}</span>
      <input className={`input${mono ? ' mono' : ''}`} value={typed} placeholder={placeholder} spellCheck={!mono} onChange={event => { setTyped(event.target.value); }} onBlur={done}
        onKeyDown={event => { if (event.key === 'Enter') done(); if (event.key === 'Escape') setTyped(value); }} />
    </label>
  );
  return beside === undefined ? field : <div className="with-beside">{field}{beside}</div>;
}

export function PickField({ label, value, options, onValue }: { readonly label: string; readonly value: string; readonly options: readonly string[]; readonly onValue: (value: string) => void }) {
  return <label className="line-field"><span>{label}</span><select className="input" aria-label={label} value={value} onChange={event => { onValue(event.target.value); }}>{!options.includes(value) && <option>{value}</option>}{options.map(each => <option key={each}>{each}</option>)}</select></label>;
}
