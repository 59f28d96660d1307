using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting;

/// <summary>One call in a playbook that makes a step, with the name it carries in journal, diagram and tests.</summary>
/// <param name="Id">Stable id: the slug of its title, else <c>capability-action[-n]</c>. Unique in the file.</param>
/// <param name="Title">The title a person wrote above it, or null.</param>
/// <param name="Span">The call itself, without <c>await</c> and without modifiers: <c>Isp.Owner(address)</c>.</param>
/// <param name="Line">Line of the call in the file, from 1.</param>
/// <param name="Column">Column of the call, from 1.</param>
/// <param name="Capability">The capability as far as the syntax tells (<c>Firewall</c>), or null for built-ins and unknown receivers.</param>
/// <param name="Action">The action or the built-in's name (<c>Block</c>, <c>Ask</c>).</param>
/// <param name="Instance">The text between the brackets of <c>Firewall["edge-2"]</c>, without quotes if it is a literal; else null.</param>
public sealed record StepSite(string Id, string? Title, TextSpan Span, int Line, int Column, string? Capability, string Action, string? Instance);

/// <summary>Two statements of one file carry titles that make the same id (a check error: a test or a journal could not tell them apart).</summary>
/// <param name="Title">The second title.</param>
/// <param name="Slug">The id both make.</param>
/// <param name="Span">The statement that carries the second title.</param>
/// <param name="FirstSpan">The statement that carries the first one.</param>
public sealed record DuplicateTitle(string Title, string Slug, TextSpan Span, TextSpan FirstSpan);

/// <summary>
/// Titles and step ids of a playbook, decided once, from the syntax of the bare file (never of the wrapped or rewritten one).
/// The diagram, the compiler's rewriter, the journal and the playbook tests all take their names from here.
/// </summary>
/// <remarks>
/// <para><b>Title.</b> The contiguous <c>//</c> lines directly above a statement's first token: no blank line and no directive between.
/// Lines without a letter or digit (<c>// -----</c>) are decoration and dropped; several lines are joined by a space.
/// <c>/* */</c> and <c>///</c> are never titles; a comment on the same line belongs to what stands before it. Comments above
/// <c>else</c>, <c>case</c>, <c>catch</c> and <c>finally</c> title that branch, not a step. Header statements take no title.</para>
/// <para><b>What a title names.</b> Of a simple statement: its first awaited step, else its first prepared one; never one inside a
/// lambda (which makes many steps, each named by itself), nor one on a way of <c>?:</c> or a switch expression (the title names the choice). Of <c>if</c>, <c>switch</c>, loops, <c>try</c>, <c>using</c>, <c>{ }</c> and
/// local functions: the block, see <see cref="TitleOf"/>; the steps in its condition keep their own ids.</para>
/// <para><b>Ids.</b> A title's slug; every other step is <c>capability-action</c>, with <c>-2</c>, <c>-3</c>, … in the order of the text.
/// Built-ins have no capability: <c>ask</c>, <c>all-2</c>, <c>for-each</c>. An id that a title took is skipped.</para>
/// <para><b>For the compiler.</b> The semantic model knows better which calls are facade calls, and its positions may be shifted by
/// the wrapper. So take the span of the call in the <i>bare</i> tree (shift it back by the wrapper's prefix) and ask
/// <see cref="At(TextSpan)"/>: it answers for <i>every</i> invocation and indexer of the file, so a step the syntax did not
/// recognise still has a stable, unique id. Every use of one call (in a loop, in a lambda) shares the id; the path's occurrence tells them apart.
/// <code>
/// var titles = Titles.Of(tree);                    // CSharpSyntaxTree of the bare .csx
/// StepSite site = titles.At(invocation.Span);      // Isp.Owner(address), not "await …", not "….Retry(3)"
/// foreach (var duplicate in titles.Duplicates) …   // SOAR1xxx, a check error
/// </code></para>
/// </remarks>
public sealed class Titles
{
    private const int LongestSlug = 80;
    private readonly Dictionary<TextSpan, StepSite> sites;
    private readonly SyntaxTree tree;
    private readonly HashSet<TextSpan> headers;

    private Titles(SyntaxTree tree, Dictionary<TextSpan, StepSite> sites, ImmutableArray<StepSite> steps, ImmutableArray<DuplicateTitle> duplicates, HashSet<TextSpan> headers)
    {
        this.tree = tree;
        this.sites = sites;
        this.headers = headers;
        Steps = steps;
        Duplicates = duplicates;
    }

    /// <summary>The steps the syntax recognises (awaited, handed to a combinator, or a call on a capability), in the order of the text.</summary>
    public ImmutableArray<StepSite> Steps { get; }

    /// <summary>Titles that name two things. The later one's id carries a number so that ids stay unique all the same.</summary>
    public ImmutableArray<DuplicateTitle> Duplicates { get; }

    /// <summary>Reads a bare playbook file, parsed as <see cref="SourceCodeKind.Regular"/>. Files with syntax errors are read as far as they go.</summary>
    public static Titles Of(SyntaxTree tree, CancellationToken cancellation = default) => new TitleReader(tree, cancellation).Read();

    /// <summary>The site of a call (invocation, or indexer such as <c>Lists["facilities"]</c>) by its span in the bare file.</summary>
    /// <exception cref="ArgumentException">No invocation or indexer has exactly this span.</exception>
    public StepSite At(TextSpan call) => sites.TryGetValue(call, out var site)
        ? site
        : throw new ArgumentException($"No call of '{tree.FilePath}' has the span {call}: ask with the span of the invocation or indexer in the bare file, without await and modifiers.");

    /// <summary>The title of a statement, <c>else</c>, <c>case</c> section, <c>catch</c>, <c>finally</c> or switch arm; null when it has none.</summary>
    public string? TitleOf(SyntaxNode node) => headers.Contains(node.Span) ? null : Read(node.GetFirstToken());

    internal static Titles Create(SyntaxTree tree, Dictionary<TextSpan, StepSite> sites, ImmutableArray<StepSite> steps, ImmutableArray<DuplicateTitle> duplicates, HashSet<TextSpan> headers) =>
        new(tree, sites, steps, duplicates, headers);

    /// <summary>
    /// Makes an id of words: letters (of any script), their marks and digits are kept, in lower case and composed form (NFC);
    /// everything else becomes one <c>-</c>. At most 80 characters, cut between words. Empty when there is no letter or digit.
    /// </summary>
    public static string Slug(string words)
    {
        var slug = new StringBuilder(words.Length);
        foreach (var rune in Nfc.Compose(words).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || (slug.Length > 0 && slug[^1] != '-' && IsMark(rune))) slug.Append(Rune.ToLowerInvariant(rune));
            else if (slug.Length > 0 && slug[^1] != '-' && rune.Value != '\'' && rune.Value != '’') slug.Append('-');
        }
        var text = slug.ToString().TrimEnd('-');
        if (text.Length <= LongestSlug) return text;
        var cut = text.LastIndexOf('-', LongestSlug);
        if (cut <= 0) cut = char.IsHighSurrogate(text[LongestSlug - 1]) ? LongestSlug - 1 : LongestSlug;
        return text[..cut];
    }

    /// <summary><c>DisableAccount</c> → <c>disable-account</c>.</summary>
    internal static string Kebab(string name)
    {
        var kebab = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])))) kebab.Append('-');
            kebab.Append(name[i]);
        }
        return Slug(kebab.ToString());
    }

    /// <summary>Reads the title block directly above a token.</summary>
    internal static string? Read(SyntaxToken first)
    {
        var trivia = first.LeadingTrivia;
        var lines = new List<string>();
        var i = trivia.Count - 1;
        if (i >= 0 && trivia[i].IsKind(SyntaxKind.WhitespaceTrivia)) i--;
        while (i >= 1 && trivia[i].IsKind(SyntaxKind.EndOfLineTrivia) && trivia[i - 1].IsKind(SyntaxKind.SingleLineCommentTrivia))
        {
            lines.Add(trivia[i - 1].ToString()[2..].Trim());
            i -= 2;
            if (i >= 0 && trivia[i].IsKind(SyntaxKind.WhitespaceTrivia)) i--;
        }
        lines.Reverse();
        var title = string.Join(' ', lines.Where(line => line.Any(char.IsLetterOrDigit)));
        return title.Length == 0 ? null : title;
    }

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is
        System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;
}
