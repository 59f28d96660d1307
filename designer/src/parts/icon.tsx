/** Our own small icons: 16 × 16, drawn with the colour of the text. */
const shapes = {
  inbox: <path d="M2.5 9.500V4.500a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2zh3.200l1 2h2.600l1-2h3.200" />,
  runs: <path d="M5 3.200v9.600L12.800 8z" />,
  alerts: <path d="M8 2 14.500 13.500h-13zM8 6.500v3.200m0 1.900v.1" />,
  cases: <path d="M2 5.500h12v7.500H2zM6 5.500V3.500h4v2M2 8.800h12" />,
  containments: <path d="M8 1.800 13.300 3.700V8c0 3.200-2.200 5.300-5.300 6.200C4.900 13.300 2.700 11.200 2.700 8V3.700z" />,
  playbooks: <path d="M3 2.500h4v3.500H3zM9 10h4v3.500H9zM5 6v3.200c0 1.500.8 2.500 2.300 2.500H9M5 6" />,
  audit: <path d="M3.500 2h6l3 3v9h-9zM6 7.500h4M6 10.500h4" />,
  schedules: <path d="M2.500 4h11v9.500h-11zM2.500 7h11M5.500 2.500V5m5-2.500V5M8 9v2l1.500.8" />,
  connectors: <path d="M5 2v3.500m6-3.500v3.500M3.500 5.500h9V8a4.500 4.500 0 0 1-9 0zM8 12.500V15" />,
  lists: <path d="M2.500 3h11v10h-11zM2.500 6.300h11M2.500 9.600h11M6.500 3v10" />,
  rota: <path d="M6 7.500a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600zM1.800 13c.3-2.400 1.900-3.600 4.200-3.600M11.500 14.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM11.500 10v1.700h1.300" />,
  users: <path d="M6 7.500A2.500 2.500 0 1 0 6 2.500a2.500 2.500 0 0 0 0 5zM1.500 13.500c.4-2.600 2-4 4.500-4s4.100 1.400 4.500 4M10.500 2.700a2.500 2.500 0 0 1 0 4.600M12 9.700c1.500.5 2.300 1.800 2.500 3.800" />,
  tokens: <path d="M6 13a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM8.500 7 14 1.800M11.500 4l1.800 1.800M6 9.500h.1" />,
  dashboard: <path d="M2.500 13.500h11M4 11V8m4 3V3.500M12 11V6" />,
  search: <path d="M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.700 10.700 14 14" />,
  user: <path d="M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.500 14c.5-3 2.600-4.500 5.500-4.500s5 1.500 5.500 4.500" />,
  check: <path d="m3 8.500 3.300 3.300L13 4.700" />,
  cross: <path d="m4 4 8 8m0-8-8 8" />,
  pause: <path d="M5.500 3.500v9m5-9v9" />,
  play: <path d="M5 3.200v9.600L12.800 8z" />,
  retry: <path d="M13.500 8A5.500 5.500 0 1 1 11.600 3.800M12 1v3.200H8.800" />,
  question: <path d="M5.500 5.800C5.500 4.200 6.600 3 8.100 3s2.500 1 2.500 2.300c0 1.900-2.500 2-2.500 4M8.100 12v.2" />,
  clock: <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.800V8l2.300 1.700" />,
  stop: <path d="M4 4h8v8H4z" />,
  more: <path d="M3.500 8h.1M8 8h.1m4.300 0h.1" />,
  chevron: <path d="m6 3.500 4.500 4.500L6 12.500" />,
  plus: <path d="M8 3v10M3 8h10" />,
  minus: <path d="M3 8h10" />,
  fit: <path d="M2.500 6V2.500H6M10 2.500h3.500V6M13.500 10v3.500H10M6 13.500H2.500V10" />,
  link: <path d="M9 3h4v4M13 3 7.500 8.500M11 9.500V13H3V5h3.500" />,
  bolt: <path d="M9 1.500 3.500 9H8l-1 5.500L12.500 7H8z" />,
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width={size} height={size} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
      {shapes[name]}
    </svg>
  );
}
