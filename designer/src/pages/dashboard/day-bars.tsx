import { useTranslation } from 'react-i18next';
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { useFormat } from '../../parts/format';

interface DayBarsProps {
  readonly title: string;
  readonly days: readonly { readonly from: string; readonly values: readonly number[] }[];
  /** What each value is, with the colour that it has in both themes. */
  readonly series: readonly { readonly name: string; readonly colour: string }[];
}

/** Bars by day, on top of each other. Whoever does not see them reads the same as a table. */
export function DayBars({ title, days, series }: DayBarsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = days.map(day => ({ day: format.day(day.from), ...Object.fromEntries(day.values.map((value, i) => [`v${i}`, value])) }));
  return (
    <figure className="chart">
      <figcaption><strong>{title}</strong>{series.length > 1 && series.map(one => <span key={one.name} className="legend"><i style={{ background: one.colour }} aria-hidden="true" />{one.name}</span>)}</figcaption>
      <div aria-hidden="true" className="chart-area">
        <ResponsiveContainer width="100%" height={190}>
          <BarChart data={rows} accessibilityLayer={false} margin={{ top: 6, right: 4, bottom: 0, left: -18 }}>
            <CartesianGrid vertical={false} stroke="var(--hair)" />
            <XAxis dataKey="day" tickLine={false} stroke="var(--hair-strong)" tick={{ fill: 'var(--soft)', fontSize: 11 }} />
            <YAxis allowDecimals={false} tickLine={false} axisLine={false} tick={{ fill: 'var(--soft)', fontSize: 11 }} />
            <Tooltip cursor={{ fill: 'var(--sunken)' }} contentStyle={{ background: 'var(--card)', border: '1px solid var(--hair)', borderRadius: 8 }} labelStyle={{ color: 'var(--ink)' }} itemStyle={{ color: 'var(--ink)' }} />
            {series.map((one, i) => <Bar key={one.name} dataKey={`v${i}`} name={one.name} stackId="day" fill={one.colour} isAnimationActive={false} />)}
          </BarChart>
        </ResponsiveContainer>
      </div>
      <table className="hidden">
        <caption>{title}</caption>
        <thead><tr><th>{t('dashboard.day')}</th>{series.map(one => <th key={one.name}>{one.name}</th>)}</tr></thead>
        <tbody>{days.map(day => <tr key={day.from}><th scope="row">{format.day(day.from)}</th>{day.values.map((value, i) => <td key={i}>{value}</td>)}</tr>)}</tbody>
      </table>
    </figure>
  );
}
