namespace Soar.Scripting;

/// <summary>Colours, fonts and icons of the SVG. Pairs of text and ground keep a contrast of at least 4.5 in light and dark.</summary>
internal static class DiagramSvgStyle
{
    public const string Css = """

        svg{--page:#f7f8fa;--card:#fff;--ink:#1b2430;--soft:#596577;--line:#8793a5;--hair:#d5dbe4;
        --step:#2563b8;--step-t:#e3edfb;--human:#a35c00;--human-t:#fdefd3;--wait:#0b7a75;--wait-t:#d8f2f0;--sub:#5d48c4;--sub-t:#e9e5fb;
        --code:#5f6b7c;--code-t:#edf0f4;--good:#1f7a3d;--good-t:#dcf3e3;--bad:#b92c2c;--bad-t:#fbe3e3;--ask:#3f4c5f;--ask-t:#fff;
        --loop:#0b7a75;--loop-t:#0b7a7512;--lanes:#2563b8;--lanes-t:#2563b80f;--try:#a35c00;--try-t:#a35c000d;--fn:#5d48c4;--fn-t:#5d48c40d;
        --mono:"JetBrains Mono","Cascadia Mono",ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;
        font-family:Inter,"Segoe UI",system-ui,-apple-system,"Noto Sans",Roboto,"DejaVu Sans",sans-serif}
        @media (prefers-color-scheme:dark){svg{--page:#12161c;--card:#1c222b;--ink:#e6ebf2;--soft:#a3afc0;--line:#6f7d91;--hair:#343e4c;
        --step:#7fb2f7;--step-t:#1c3252;--human:#f0b35a;--human-t:#40301a;--wait:#5fd0c8;--wait-t:#143d3b;--sub:#b3a5fa;--sub-t:#2e2757;
        --code:#a9b4c4;--code-t:#272f3a;--good:#6fd08f;--good-t:#17402a;--bad:#f58a8a;--bad-t:#4b2020;--ask:#b7c3d4;--ask-t:#1c222b;
        --loop:#5fd0c8;--loop-t:#5fd0c814;--lanes:#7fb2f7;--lanes-t:#7fb2f712;--try:#f0b35a;--try-t:#f0b35a10;--fn:#b3a5fa;--fn-t:#b3a5fa10}}
        .page{fill:var(--page)}
        text{fill:var(--ink);font-size:13px}
        .title{font-weight:600}.src{font-family:var(--mono);font-size:11px}.ask.src{font-size:11.5px}.name{font-size:16px;font-weight:700}.ask{font-size:12.5px;font-weight:600}.head{font-size:12.5px;font-weight:600}
        .text{font-size:12px;fill:var(--soft)}.small{font-size:11px}
        .mono{font-family:var(--mono);font-size:11px;fill:var(--soft)}
        .node .shape{fill:var(--card);stroke:var(--k);stroke-width:1.3}
        .node .strip{fill:var(--t)}
        .node,.frame{--k:var(--code);--t:var(--code-t)}
        .node>use:not(.sign),.frame>use:not(.sign){color:var(--k)}
        .start{--k:var(--hair);--t:var(--step)}
        .step{--k:var(--step);--t:var(--step-t)}.human{--k:var(--human);--t:var(--human-t)}.waiting{--k:var(--wait);--t:var(--wait-t)}
        .subplaybook,.call{--k:var(--sub);--t:var(--sub-t)}
        .node.decision{--k:var(--ask)}.node.decision .shape{fill:var(--ask-t);stroke-width:1.5}
        .node.end{--k:var(--good)}.node.end .shape{fill:var(--good-t)}.node.errorend{--k:var(--bad)}.node.errorend .shape{fill:var(--bad-t)}
        .node.jump .shape,.node.return .shape{fill:var(--code-t);stroke:none}
        .node.code .shape{stroke:var(--hair)}
        .frame .body{fill:var(--t);stroke:var(--k);stroke-width:1.2;stroke-opacity:.75}
        .frame .band{fill:var(--k);fill-opacity:.13}
        .frame.loop{--k:var(--loop);--t:var(--loop-t)}.frame.lanes{--k:var(--lanes);--t:var(--lanes-t)}.frame.protected{--k:var(--try);--t:var(--try-t)}
        .frame.protected .body{stroke-dasharray:6 4}
        .frame.catch{--k:var(--bad);--t:transparent}.frame.finally{--k:var(--code);--t:transparent}.frame.function{--k:var(--fn);--t:var(--fn-t)}
        .flow{fill:none;stroke:var(--line);stroke-width:1.5}
        .flow.error{stroke:var(--bad);stroke-dasharray:5 4}
        .arrow{fill:var(--line)}.arrow-error{fill:var(--bad)}
        .bar{fill:var(--lanes)}
        .way{font-size:11px;fill:var(--soft);paint-order:stroke;stroke:var(--page);stroke-width:3px;stroke-linejoin:round}
        .way.approved{fill:var(--good)}.way.refused,.way.expired{fill:var(--human)}
        .chip rect{fill:var(--code-t)}.chip text{font-size:10.5px;fill:var(--soft)}
        .chip.result rect{fill:none;stroke:var(--hair)}
        .chip.tlp rect{fill:#000}.chip.tlp text{font-weight:700;fill:#fff}
        .tlp-red .chip.tlp text{fill:#ff2b2b}.tlp-amber .chip.tlp text,.tlp-amberstrict .chip.tlp text{fill:#ffc000}.tlp-green .chip.tlp text{fill:#33ff00}
        .sign{color:var(--m)}
        .m-covered{--m:var(--good)}.m-notcovered{--m:var(--bad)}.m-running{--m:var(--step)}.m-failed{--m:var(--bad)}.m-waiting{--m:var(--human)}
        .node.m>.shape,.frame.m>.body{stroke:var(--m);stroke-width:2.4;stroke-opacity:1}
        .node.m-notcovered>.shape,.frame.m-notcovered>.body{stroke-dasharray:3 4}
        .flow.m{stroke:var(--m);stroke-width:2.4}.flow.m-notcovered{stroke-dasharray:2 4}
        .way.m{fill:var(--m)}.chip.m rect{fill:none;stroke:var(--m)}.chip.m text{fill:var(--m)}.chip.m-notcovered rect{stroke-dasharray:2 3}

        """;

    public const string Defs = """
        <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="arrow" d="M0 .5 7.5 4 0 7.5z"/></marker>
        <marker id="arrow-error" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="arrow-error" d="M0 .5 7.5 4 0 7.5z"/></marker>
        <g fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">
        <symbol id="i-step" viewBox="0 0 16 16"><path d="M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z" fill="currentColor" stroke="none"/></symbol>
        <symbol id="i-human" viewBox="0 0 16 16"><circle cx="8" cy="5" r="3" fill="currentColor"/><path d="M2.5 14c.4-3.3 2.6-5 5.5-5s5.100 1.700 5.500 5z" fill="currentColor"/></symbol>
        <symbol id="i-waiting" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.600"/><path d="M8 4.500V8l2.500 1.800" fill="none" stroke="currentColor" stroke-width="1.600" stroke-linecap="round"/></symbol>
        <symbol id="i-subplaybook" viewBox="0 0 16 16"><rect x="1.800" y="1.800" width="9" height="9" rx="2" fill="none" stroke="currentColor" stroke-width="1.600"/><rect x="6" y="6" width="8.200" height="8.200" rx="2" fill="currentColor"/></symbol>
        <symbol id="i-code" viewBox="0 0 16 16"><path d="M5.500 4 2 8l3.500 4M10.500 4 14 8l-3.500 4" fill="none" stroke="currentColor" stroke-width="1.700" stroke-linecap="round" stroke-linejoin="round"/></symbol>
        <symbol id="i-call" viewBox="0 0 16 16"><path d="M2 8h9M8 4.500 11.500 8 8 11.500M14 3v10" fill="none" stroke="currentColor" stroke-width="1.700" stroke-linecap="round" stroke-linejoin="round"/></symbol>
        <symbol id="i-end" viewBox="0 0 16 16"><path d="m3 8.500 3.300 3.300L13 4.700" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></symbol>
        <symbol id="i-errorend" viewBox="0 0 16 16"><path d="m4 4 8 8m0-8-8 8" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/></symbol>
        <symbol id="i-jump" viewBox="0 0 16 16"><path d="M2 4h7a4 4 0 0 1 0 8H4m2.500-3L3.500 12l3 3" fill="none" stroke="currentColor" stroke-width="1.800" stroke-linecap="round" stroke-linejoin="round"/></symbol>
        <symbol id="i-return" viewBox="0 0 16 16"><path d="M14 3v3a4 4 0 0 1-4 4H3m3-3.500L2.500 10 6 13.500" fill="none" stroke="currentColor" stroke-width="1.800" stroke-linecap="round" stroke-linejoin="round"/></symbol>
        <symbol id="i-loop" viewBox="0 0 16 16"><path d="M13.500 8A5.500 5.500 0 1 1 11.600 3.800M12 1v3.200H8.800" fill="none" stroke="currentColor" stroke-width="1.700" stroke-linecap="round" stroke-linejoin="round"/></symbol>
        <symbol id="i-lanes" viewBox="0 0 16 16"><path d="M3 2v12M8 2v12M13 2v12" fill="none" stroke="currentColor" stroke-width="1.900" stroke-linecap="round"/></symbol>
        <symbol id="i-protected" viewBox="0 0 16 16"><path d="M8 1.500 13.500 3.500V8c0 3.300-2.300 5.500-5.500 6.500C4.800 13.500 2.500 11.300 2.500 8V3.500z" fill="none" stroke="currentColor" stroke-width="1.600" stroke-linejoin="round"/></symbol>
        <symbol id="i-catch" viewBox="0 0 16 16"><path d="M8 2 14.500 13.500h-13z" fill="none" stroke="currentColor" stroke-width="1.600" stroke-linejoin="round"/><path d="M8 6.500v3.200m0 1.900v.1" fill="none" stroke="currentColor" stroke-width="1.700" stroke-linecap="round"/></symbol>
        <symbol id="i-finally" viewBox="0 0 16 16"><path d="M3.500 14V2.500h8.800l-2 3 2 3H3.500" fill="none" stroke="currentColor" stroke-width="1.600" stroke-linejoin="round"/></symbol>
        <symbol id="i-function" viewBox="0 0 16 16"><path d="M11.500 2.500c-3-.8-3.300 1-3.700 3.500l-.9 4.500c-.4 2.500-1.200 3.600-3.400 3M5 6.800h6" fill="none" stroke="currentColor" stroke-width="1.700" stroke-linecap="round"/></symbol>
        <symbol id="m-covered" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="currentColor"/><path class="glyph" d="m4.600 8.300 2.400 2.400 4.400-5" fill="none" stroke="#fff" stroke-width="1.900" stroke-linecap="round" stroke-linejoin="round"/></symbol>
        <symbol id="m-notcovered" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.900" stroke-dasharray="3 2.200"/></symbol>
        <symbol id="m-running" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M6.300 4.800v6.400L11.500 8z" fill="#fff"/></symbol>
        <symbol id="m-failed" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="currentColor"/><path d="m5.300 5.300 5.400 5.400m0-5.400-5.400 5.400" fill="none" stroke="#fff" stroke-width="1.900" stroke-linecap="round"/></symbol>
        <symbol id="m-waiting" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M6 5v6m4-6v6" fill="none" stroke="#fff" stroke-width="1.900" stroke-linecap="round"/></symbol>
        </g>
        </defs>

        """;
}
