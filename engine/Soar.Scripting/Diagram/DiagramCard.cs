namespace Soar.Scripting;

/// <summary>One line of text on a card, relative to the card's corner; <paramref name="Y"/> is its base line.</summary>
internal readonly record struct CardLine(string Text, double X, double Y, string Style, bool Centered = false);

/// <summary>A small label on a card: a modifier, a result, a branch that was or was not taken.</summary>
internal readonly record struct CardChip(string Text, Box Box, string Style, DiagramMark? Mark = null);

/// <summary>What is written on a node or on the head of a frame, and how much room it takes.</summary>
internal sealed class Card
{
    public const double Small = 11;
    private const double TitleSize = 13, MonoSize = 11, Text = 250, Strip = 34, ChipHeight = 17;

    public double W { get; private set; }
    public double H { get; private set; }
    public List<CardLine> Lines { get; } = [];
    public List<CardChip> Chips { get; } = [];
    public DiagramMark? Mark { get; private init; }

    public static Card Of(DiagramNode node, DiagramHeader header, DiagramMark? mark, IReadOnlyList<(DiagramBranch Branch, DiagramMark Mark)> branches)
    {
        var card = new Card { Mark = mark };
        switch (node.Kind)
        {
            case DiagramNodeKind.Start: card.Start(header); break;
            case DiagramNodeKind.Decision: card.Decision(node); break;
            case DiagramNodeKind.End or DiagramNodeKind.ErrorEnd: card.End(node); break;
            case DiagramNodeKind.Jump or DiagramNodeKind.Return: card.Pill(node); break;
            default: card.Step(node, branches); break;
        }
        return card;
    }

    /// <summary>The head of a frame: its title, and below it what the frame is and how it is bounded.</summary>
    public static Card Head(DiagramGroup group, DiagramMark? mark, IReadOnlyList<(DiagramBranch Branch, DiagramMark Mark)> branches)
    {
        var card = new Card { Mark = mark };
        card.Write(DiagramText.Wrap(group.Label, 300, 12.5, 2), 32, 20, 16, "head");
        if (group.Detail.Length > 0) card.Write([DiagramText.Elide(group.Detail, 330, MonoSize, mono: true)], 32, card.H + 14, 14, "mono");
        card.Row([.. group.Modifiers.Select(modifier => (Readable(modifier), "chip", (DiagramMark?)null)), .. group.Result is null ? Array.Empty<(string, string, DiagramMark?)>() : [($"→ {group.Result}", "chip result", null)]], 32, 330);
        card.Branches(branches, 32);
        card.H += 9;
        card.W = card.Lines.Select(line => line.X + DiagramText.Width(line.Text, line.Style == "mono" ? MonoSize : TitleSize, line.Style == "mono")).Concat(card.Chips.Select(chip => chip.Box.Right)).Max() + (mark is null ? 14 : 34);
        return card;
    }

    private void Step(DiagramNode node, IReadOnlyList<(DiagramBranch Branch, DiagramMark Mark)> branches)
    {
        if (node.Kind == DiagramNodeKind.Code) Code(node);
        else
        {
            Write(DiagramText.Wrap(node.Label, Text, TitleSize, 2), Strip + 10, 21, 17, "title");
            if (node.Text.Length > 0) Write(DiagramText.Wrap(node.Text, Text, 12, 3), Strip + 10, H + 16, 15, "text");
            else if (Source(node) is { Length: > 0 } detail) Write(DiagramText.Wrap(detail, Text, MonoSize, 2, mono: true), Strip + 10, H + 15, 14, "mono");
        }
        H += 4;
        Row([.. node.Modifiers.Select(modifier => (Readable(modifier), "chip", (DiagramMark?)null)), .. node.Result is null ? Array.Empty<(string, string, DiagramMark?)>() : [($"→ {node.Result}", "chip result", null)]], Strip + 10);
        Branches(branches, Strip + 10);
        H += 7;
        W = Math.Max(130, Right() + 14 + (Mark is null ? 0 : 16));
    }

    // Statements one per line; a title above them if there is one.
    private void Code(DiagramNode node)
    {
        var statements = (node.Text.Length > 0 ? node.Text : node.Detail).Split('\n').Select(line => line.TrimEnd(';')).ToList();
        var titled = node.Titled;
        if (titled) Write(DiagramText.Wrap(node.Label, Text, TitleSize, 2), Strip + 10, 21, 17, "title");
        var lines = statements.Count == 1 ? DiagramText.Wrap(statements[0], Text, MonoSize, 3, mono: true) : [.. statements.Take(4).Select(line => DiagramText.Elide(line, Text, MonoSize, mono: true))];
        if (statements.Count > 4) lines[3] = $"… {statements.Count - 3} more statements";
        Write(lines, Strip + 10, titled ? H + 15 : 19, 14, titled ? "mono" : "src");
    }

    // With a title the action stands in the second line; without one the label says it and the second line has the arguments.
    private static string Source(DiagramNode node)
    {
        if (node.Action is null || node.Id.StartsWith("await-", StringComparison.Ordinal)) return node.Detail;
        var name = node.Capability is { } capability ? node.Instance is { } instance ? $"{capability}[{instance}].{node.Action}" : $"{capability}.{node.Action}" : node.Action;
        if (node.Label == node.Detail || node.Action == "Item") return node.Label == node.Detail ? "" : node.Detail;
        return node.Label == name || node.Label.Replace(" ", "", StringComparison.Ordinal).Equals(name, StringComparison.OrdinalIgnoreCase) || node.Capability is "Lists" ? node.Detail : $"{name}({node.Detail})";
    }

    private static string Readable(string modifier) => modifier switch
    {
        _ when modifier.StartsWith("Retry(", StringComparison.Ordinal) => $"retry {modifier[6..^1]}",
        _ when modifier.StartsWith("Timeout(", StringComparison.Ordinal) => $"timeout {modifier[8..^1]}",
        _ => modifier,
    };

    private void Decision(DiagramNode node)
    {
        var code = !node.Titled && node.Text.Length > 0;
        var lines = code ? DiagramText.Wrap(node.Text, 240, 11.5, 3, mono: true) : DiagramText.Wrap(node.Label, 230, 12.5, 3);
        var detail = code ? "" : DiagramText.Elide(node.Detail, 240, MonoSize, mono: true);
        var room = Mark is null ? 56 : 76;
        W = Math.Max(lines.Select(line => DiagramText.Width(line, code ? 11.5 : 12.5, mono: code)).DefaultIfEmpty(0).Max(), DiagramText.Width(detail, MonoSize, mono: true)) + room;
        foreach (var line in lines) Lines.Add(new(line, W / 2, 21 + (16 * Lines.Count), code ? "ask src" : "ask", Centered: true));
        H = 21 + (16 * (lines.Count - 1)) + 13;
        if (detail.Length == 0) return;
        Lines.Add(new(detail, W / 2, H + 4, "mono", Centered: true));
        H += 15;
    }

    private void End(DiagramNode node)
    {
        Write(DiagramText.Wrap(node.Label, 210, TitleSize, 2), 36, 21, 17, "title");
        var reason = node.Text;
        if (reason.Length > 0) Write(DiagramText.Wrap(reason, 230, 12, 2), 36, H + 16, 15, "text");
        H += 11;
        W = Right() + 20 + (Mark is null ? 0 : 12);
    }

    private void Pill(DiagramNode node)
    {
        Lines.Add(new(DiagramText.Elide(node.Label, 200, MonoSize, mono: true), 26, 16, "mono"));
        H = 24;
        W = Right() + 12;
    }

    private void Start(DiagramHeader header)
    {
        const double width = 340;
        Write(DiagramText.Wrap(header.Name, width, 16, 2), 18, 28, 20, "name");
        List<(string, string, DiagramMark?)> facts = [];
        if (header.Version.Length > 0) facts.Add(($"version {header.Version}", "chip", null));
        if (header.Type.Length > 0) facts.Add((header.Type, "chip", null));
        if (header.Tlp.Length > 0) facts.Add(("TLP:" + (header.Tlp == "AmberStrict" ? "AMBER+STRICT" : header.Tlp.ToUpperInvariant()), "chip tlp", null));
        H += 4;
        Row(facts, 18, width);
        if (header.Summary.Length > 0) Write(DiagramText.Wrap(header.Summary, width, 12, 3), 18, H + 19, 16, "text");
        var lines = header.Triggers.Take(4).SelectMany(trigger => DiagramText.Wrap(trigger, width, MonoSize, 2, mono: true)).ToList();
        if (lines.Count > 0) Write(lines, 18, H + 19, 15, "mono");
        var inputs = header.Inputs.Take(8).Select(input => DiagramText.Elide($"{input.Name}{(input.Default is null ? "" : " = " + input.Default)}{(input.Description.Length == 0 ? "" : " · " + input.Description)}", width, Small)).ToList();
        if (inputs.Count > 0) Write(inputs, 18, H + 19, 15, "text small");
        H += 14;
        W = Math.Max(220, Right() + 18);
    }

    private void Branches(IReadOnlyList<(DiagramBranch Branch, DiagramMark Mark)> branches, double x) =>
        Row([.. branches.Select(branch => (branch.Branch.Kind.ToString().ToLowerInvariant(), "chip branch", (DiagramMark?)branch.Mark))], x);

    private void Write(List<string> lines, double x, double y, double step, string style)
    {
        if (lines.Count == 0) return;
        for (var i = 0; i < lines.Count; i++) Lines.Add(new(lines[i], x, y + (i * step), style));
        H = y + ((lines.Count - 1) * step);
    }

    private void Row(IReadOnlyList<(string Text, string Style, DiagramMark? Mark)> chips, double x, double room = Text + 20)
    {
        if (chips.Count == 0) return;
        var at = x;
        var top = H + 5;
        foreach (var (text, style, mark) in chips)
        {
            var shown = DiagramText.Elide(text, 220, 10.5);
            var width = DiagramText.Width(shown, 10.5) + 14 + (mark is null ? 0 : 14);
            if (at > x && at + width > x + room)
            {
                at = x;
                top += ChipHeight + 4;
            }
            Chips.Add(new(shown, new(at, top, width, ChipHeight), style, mark));
            at += width + 6;
        }
        H = top + ChipHeight;
    }

    private double Right() => Lines.Select(line => line.X + DiagramText.Width(line.Text, SizeOf(line.Style), line.Style is "mono" or "src")).Concat(Chips.Select(chip => chip.Box.Right)).DefaultIfEmpty(0).Max();

    private static double SizeOf(string style) => style switch
    {
        "name" => 16.5,
        "mono" or "src" or "text small" => MonoSize,
        "text" => 12,
        _ => TitleSize,
    };
}
