using System.Globalization;
using System.Text;

namespace Soar.Scripting;

/// <summary>
/// The diagram as one standalone SVG file: no script, no font, no reference to anything outside. It follows the reader's light or dark setting; whatever is
/// cut has its full text as a tooltip; every text of the playbook is escaped.
/// </summary>
public static class DiagramSvg
{
    public static string Write(Diagram diagram, DiagramOverlay? overlay = null)
    {
        var marks = overlay ?? DiagramOverlay.Empty;
        var layout = new DiagramLayout(diagram, marks);
        var svg = new SvgText();
        svg.Raw($"""<svg xmlns="http://www.w3.org/2000/svg" width="{N(layout.Width)}" height="{N(layout.Height)}" viewBox="0 0 {N(layout.Width)} {N(layout.Height)}" role="img">""");
        svg.Raw("<title>").Text($"Playbook {diagram.Header.Name} {diagram.Header.Version}".Trim()).Raw("</title>\n");
        svg.Raw("<style>").Raw(DiagramSvgStyle.Css).Raw("</style>\n").Raw(DiagramSvgStyle.Defs);
        svg.Raw("""<rect class="page" width="100%" height="100%"/>""").Raw("\n");

        foreach (var group in diagram.Groups)
            if (DiagramMermaid.IsFramed(group.Kind) && group.Kind != DiagramGroupKind.Lane) Frame(svg, group, layout.Boxes[group.Id], layout.Cards[group.Id]);
        // What was not taken first, so that the lines that count lie above it.
        foreach (var route in layout.Routes.OrderBy(route => MarkOf(route) is not null)) Line(svg, route, MarkOf(route));
        foreach (var bar in layout.Bars) svg.Raw($"""<rect class="bar" x="{N(bar.X)}" y="{N(bar.Y)}" width="{N(bar.W)}" height="{N(bar.H)}" rx="2"/>""").Raw("\n");
        foreach (var node in diagram.Nodes) Node(svg, node, layout.Boxes[node.Id], layout.Cards[node.Id], diagram);
        foreach (var route in layout.Routes) Label(svg, route, MarkOf(route));
        return svg.Raw("</svg>\n").ToString();

        DiagramMark? MarkOf(Route route) => route.Branch is not null && marks.Branches.TryGetValue(route.Branch, out var mark) ? mark : null;
    }

    private static void Frame(SvgText svg, DiagramGroup group, Box box, Card head)
    {
        var kind = group.Kind.ToString().ToLowerInvariant();
        svg.Raw($"""<g class="frame {kind}{MarkClass(head.Mark)}" transform="translate({N(box.X)} {N(box.Y)})"><title>""").Text(Tooltip(group.Label, group.Detail, group.Modifiers, group.Span)).Raw("</title>");
        svg.Raw($"""<rect class="body" width="{N(box.W)}" height="{N(box.H)}" rx="10"/>""");
        svg.Raw($"""<path class="band" d="M0 {N(head.H)}V10a10 10 0 0 1 10-10H{N(box.W - 10)}a10 10 0 0 1 10 10V{N(head.H)}z"/>""");
        svg.Raw($"""<use href="#i-{kind}" x="10" y="{N(8)}" width="16" height="16"/>""");
        Inside(svg, head);
        Sign(svg, head.Mark, box.W - 15, 16);
        svg.Raw("</g>\n");
    }

    private static void Node(SvgText svg, DiagramNode node, Box box, Card card, Diagram diagram)
    {
        var kind = node.Kind.ToString().ToLowerInvariant();
        var tlp = node.Kind == DiagramNodeKind.Start ? " tlp-" + new string([.. diagram.Header.Tlp.ToLowerInvariant().Where(char.IsAsciiLetter)]) : "";
        svg.Raw($"""<g class="node {kind}{tlp}{MarkClass(card.Mark)}" transform="translate({N(box.X)} {N(box.Y)})"><title>""").Text(Tooltip(node.Label, node.Detail, node.Modifiers, node.Span)).Raw("</title>");
        var (w, h) = (box.W, box.H);
        switch (node.Kind)
        {
            case DiagramNodeKind.Decision:
                svg.Raw($"""<path class="shape" d="M18 0H{N(w - 18)}L{N(w)} {N(h / 2)} {N(w - 18)} {N(h)}H18L0 {N(h / 2)}z"/>""");
                break;
            case DiagramNodeKind.End or DiagramNodeKind.ErrorEnd or DiagramNodeKind.Jump or DiagramNodeKind.Return:
                svg.Raw($"""<rect class="shape" width="{N(w)}" height="{N(h)}" rx="{N(Math.Min(h / 2, 20))}"/>""");
                svg.Raw(node.Kind is DiagramNodeKind.Jump or DiagramNodeKind.Return
                    ? $"""<use href="#i-{kind}" x="8" y="{N((h / 2) - 6)}" width="12" height="12"/>"""
                    : $"""<use href="#i-{kind}" x="13" y="{N((h / 2) - 8)}" width="16" height="16"/>""");
                break;
            case DiagramNodeKind.Start:
                svg.Raw($"""<rect class="shape" width="{N(w)}" height="{N(h)}" rx="12"/><path class="strip" d="M0 12a12 12 0 0 1 12-12h{N(w - 24)}a12 12 0 0 1 12 12a12 7 0 0 0-12-7H12a12 7 0 0 0-12 7z"/>""");
                break;
            default:
                if (node.Many) svg.Raw($"""<rect class="shape" x="7" y="-6" width="{N(w - 1)}" height="{N(h)}" rx="8"/><rect class="shape" x="3.5" y="-3" width="{N(w - 0.5)}" height="{N(h)}" rx="8"/>""");
                svg.Raw($"""<rect class="shape" width="{N(w)}" height="{N(h)}" rx="8"/><path class="strip" d="M34 0v{N(h)}H8a8 8 0 0 1-8-8V8a8 8 0 0 1 8-8z"/>""");
                svg.Raw($"""<use href="#i-{kind}" x="9" y="{N((h / 2) - 8)}" width="16" height="16"/>""");
                break;
        }
        Inside(svg, card);
        Sign(svg, card.Mark, w - 13, 13);
        svg.Raw("</g>\n");
    }

    private static void Inside(SvgText svg, Card card)
    {
        foreach (var line in card.Lines)
            svg.Raw($"""<text class="{line.Style}" x="{N(line.X)}" y="{N(line.Y)}"{(line.Centered ? " text-anchor=\"middle\"" : "")}>""").Text(line.Text).Raw("</text>");
        foreach (var chip in card.Chips)
        {
            svg.Raw($"""<g class="{chip.Style}{MarkClass(chip.Mark)}"><rect x="{N(chip.Box.X)}" y="{N(chip.Box.Y)}" width="{N(chip.Box.W)}" height="{N(chip.Box.H)}" rx="{N(chip.Box.H / 2)}"/>""");
            if (chip.Mark is { } mark) svg.Raw($"""<use href="#m-{Name(mark)}" class="sign m-{Name(mark)}" x="{N(chip.Box.X + 4)}" y="{N(chip.Box.Y + 2.5)}" width="12" height="12"/>""");
            svg.Raw($"""<text x="{N(chip.Box.X + 7 + (chip.Mark is null ? 0 : 13))}" y="{N(chip.Box.Y + 12.3)}">""").Text(chip.Text).Raw("</text></g>");
        }
    }

    private static void Line(SvgText svg, Route route, DiagramMark? mark)
    {
        var kind = route.Kind.ToString().ToLowerInvariant();
        svg.Raw($"""<path class="flow {kind}{MarkClass(mark)}" d="{Rounded(route.Points)}"{(route.Arrow ? $" marker-end=\"url(#arrow{(route.Kind == DiagramEdgeKind.Error ? "-error" : "")})\"" : "")}/>""").Raw("\n");
    }

    private static void Label(SvgText svg, Route route, DiagramMark? mark)
    {
        if (route.Label.Length == 0 && mark is null) return;
        var (x, y) = route.Label.Length > 0 ? (route.LabelX, route.LabelY) : (route.Points[^1].X + 7, route.Points[^1].Y - 8);
        var shift = mark is null ? 0 : 16;
        if (mark is { } sign) svg.Raw($"""<use href="#m-{Name(sign)}" class="sign m-{Name(sign)}" x="{N(x - 1)}" y="{N(y - 10.5)}" width="13" height="13"/>""");
        var text = DiagramText.Elide(route.Label, 200, Card.Small);
        if (text.Length > 0) svg.Raw($"""<text class="way {route.Kind.ToString().ToLowerInvariant()}{MarkClass(mark)}" x="{N(x + shift)}" y="{N(y)}">""").Raw("<title>").Text(route.Label).Raw("</title>").Text(text).Raw("</text>\n");
    }

    private static void Sign(SvgText svg, DiagramMark? mark, double x, double y)
    {
        if (mark is { } sign) svg.Raw($"""<use href="#m-{Name(sign)}" class="sign m-{Name(sign)}" x="{N(x - 8)}" y="{N(y - 8)}" width="16" height="16"/>""");
    }

    // Corners of lines are rounded; a straight line stays one.
    private static string Rounded(IReadOnlyList<(double X, double Y)> points)
    {
        var path = new StringBuilder($"M{N(points[0].X)} {N(points[0].Y)}");
        for (var i = 1; i < points.Count; i++)
        {
            var (x, y) = points[i];
            if (i + 1 < points.Count)
            {
                var (px, py) = points[i - 1];
                var (nx, ny) = points[i + 1];
                var radius = Math.Min(9, Math.Min(Math.Abs(x - px) + Math.Abs(y - py), Math.Abs(nx - x) + Math.Abs(ny - y)) / 2);
                if (radius > 0.5)
                {
                    path.Append(CultureInfo.InvariantCulture, $"L{N(x - (Math.Sign(x - px) * radius))} {N(y - (Math.Sign(y - py) * radius))}Q{N(x)} {N(y)} {N(x + (Math.Sign(nx - x) * radius))} {N(y + (Math.Sign(ny - y) * radius))}");
                    continue;
                }
            }
            path.Append(CultureInfo.InvariantCulture, $"L{N(x)} {N(y)}");
        }
        return path.ToString();
    }

    private static string Tooltip(string label, string detail, IEnumerable<string> modifiers, DiagramSpan span) =>
        string.Join('\n', new[] { label, detail == label ? "" : detail, string.Join(", ", modifiers), $"line {span.Line}" }.Where(part => part.Length > 0));

    private static string Name(DiagramMark mark) => mark.ToString().ToLowerInvariant();

    private static string MarkClass(DiagramMark? mark) => mark is { } known ? " m m-" + Name(known) : "";

    private static string N(double number) => Math.Round(number, 1).ToString(CultureInfo.InvariantCulture);
}

/// <summary>Writes XML: text only through <see cref="Text"/>, which escapes; <see cref="Raw(string)"/> is for our own markup.</summary>
internal sealed class SvgText
{
    private readonly StringBuilder text = new();

    public SvgText Raw(string markup)
    {
        text.Append(markup);
        return this;
    }

    public SvgText Text(string words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            var c = words[i];
            switch (c)
            {
                case '&': text.Append("&amp;"); break;
                case '<': text.Append("&lt;"); break;
                case '>': text.Append("&gt;"); break;
                case '"': text.Append("&quot;"); break;
                case '\n' or '\t': text.Append(c); break;
                case var _ when char.IsHighSurrogate(c) && i + 1 < words.Length && char.IsLowSurrogate(words[i + 1]): text.Append(c).Append(words[++i]); break;
                // XML has no way to say these; a picture can do without.
                case var _ when char.IsSurrogate(c) || char.IsControl(c) || c is '\uFFFE' or '\uFFFF': text.Append('\uFFFD'); break;
                default: text.Append(c); break;
            }
        }
        return this;
    }

    public override string ToString() => text.ToString();
}
