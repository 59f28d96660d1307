using Microsoft.CodeAnalysis.CSharp;
using Soar.Engine;
using Soar.Scripting;

namespace Soar.Server.Display;

/// <summary>
/// What people call the steps of a playbook: the titles behind the ids of which paths are made. <c>who-owns-it[1]/for-each[0]/intel-lookup</c> becomes "Who owns it? › intel-lookup [1]".
/// </summary>
internal sealed class StepTitles
{
    private static readonly string[] Loops = ["ForEach", "TryForEach"];
    private readonly Dictionary<string, StepSite>? sites;

    private StepTitles(Dictionary<string, StepSite>? sites) => this.sites = sites;

    /// <summary>Where the playbook is not at hand: what the events themselves tell.</summary>
    public static StepTitles None { get; } = new(null);

    public static StepTitles Of(string source, string file) =>
        new(Titles.Of(CSharpSyntaxTree.ParseText(source, Diagram.ParseOptions, file)).Steps.DistinctBy(site => site.Id).ToDictionary(site => site.Id, StringComparer.Ordinal));

    /// <summary>A step by its title and, in loops, the item's number; the end of its path where nobody gave it one.</summary>
    public string Name(RunEvent e)
    {
        var parts = e.Path.Split('/');
        var numbers = string.Concat(parts.Where(IsLoop).Select(part => $" [{Index(part) + 1}]"));
        return (string.IsNullOrEmpty(e.Title) ? Name(parts) : e.Title) + numbers;
    }

    /// <summary>A loop, by its id.</summary>
    public string OfLoop(string id) => TitleOf(id) ?? id;

    private string Name(string[] parts)
    {
        var last = TitleOf(parts[^1]) ?? Id(parts[^1]);
        if (sites is null) return string.Join('/', parts.Select(part => IsLoop(part) ? Id(part) : part));
        return parts[..^1].Select(TitleOf).FirstOrDefault(title => title is not null) is { } block ? $"{block} › {last}" : last;
    }

    private string? TitleOf(string part) => sites?.GetValueOrDefault(Id(part))?.Title;

    private bool IsLoop(string part) => Index(part) is not null && (sites is null || (sites.TryGetValue(Id(part), out var site) && Loops.Contains(site.Action)));

    private static string Id(string part) => part[..(part.IndexOfAny(['[', '#']) is var end && end < 0 ? part.Length : end)];

    private static int? Index(string part) => part.IndexOf('[') is var open and > 0 && part.IndexOf(']') is var close && close > open && int.TryParse(part[(open + 1)..close], out var index) ? index : null;
}
