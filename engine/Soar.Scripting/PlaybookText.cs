using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Soar.Scripting.Compile;

namespace Soar.Scripting;

/// <summary>A capability, or one of its instances, where a playbook names it for the first time.</summary>
/// <param name="Instance">The name in brackets; null for the capability alone.</param>
public sealed record CapabilityUse(string Capability, string? Instance, TextSpan Span);

/// <summary>
/// What stands in a playbook's text, read by its shape alone: for those who know what the compiler does not, the deployment and the store. Texts with errors are read as far as they go.
/// </summary>
public sealed class PlaybookText
{
    private readonly PlaybookSource source;

    public PlaybookText(string text, string file) => source = PlaybookSource.Parse(text, file, CancellationToken.None);

    /// <summary>What people call the steps, by their ids: what <c>.Titled(…)</c> says, where the text tells it without running, else the title above.</summary>
    public IReadOnlyDictionary<string, string> Titles() =>
        Scripting.Titles.Of(source.Tree).Steps.Select(step => (step.Id, Title: Said(step) ?? step.Title)).Where(step => step.Title is not null)
            .GroupBy(step => step.Id, StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.First().Title!, StringComparer.Ordinal);

    private string? Said(StepSite step) => source.Root.FindNode(step.Span, getInnermostNodeForTie: true).FirstAncestorOrSelf<ExpressionSyntax>() is { } call && call.Span == step.Span ? StepSyntax.SaidTitle(call) : null;

    /// <summary>Each of these capabilities where it is named first, and each instance of them that is named by a literal or a constant.</summary>
    public IReadOnlyList<CapabilityUse> Uses(IEnumerable<string> capabilities)
    {
        var known = capabilities.ToHashSet(StringComparer.Ordinal);
        var constants = Constants();
        var uses = new List<CapabilityUse>();
        foreach (var name in source.Root.DescendantNodes().OfType<IdentifierNameSyntax>().Where(name => known.Contains(name.Identifier.ValueText)))
        {
            if (name.Parent is MemberAccessExpressionSyntax member && member.Name == name) continue;
            uses.Add(new(name.Identifier.ValueText, null, name.Span));
            if (name.Parent is not ElementAccessExpressionSyntax { ArgumentList.Arguments: [{ Expression: var given }] }) continue;
            var value = given is IdentifierNameSyntax constant ? constants[constant.Identifier.ValueText].FirstOrDefault() : given;
            if (value is LiteralExpressionSyntax { Token.Value: string instance }) uses.Add(new(name.Identifier.ValueText, instance, given.Span));
        }

        return [.. uses.DistinctBy(use => (use.Capability, use.Instance))];
    }

    /// <summary>The playbooks that <c>Run</c> starts here, by the name that a literal or a constant gives, each where it is named first.</summary>
    public IReadOnlyList<(string Playbook, int Line)> SubPlaybooks()
    {
        var constants = Constants();
        return
        [
            .. from call in source.Root.DescendantNodes().OfType<InvocationExpressionSyntax>()
               where call.Expression is SimpleNameSyntax { Identifier.ValueText: "Run" } && call.ArgumentList.Arguments.Count > 0
               let given = call.ArgumentList.Arguments[0].Expression
               let value = given is IdentifierNameSyntax constant ? constants[constant.Identifier.ValueText].FirstOrDefault() : given
               where value is LiteralExpressionSyntax { Token.Value: string }
               group source.LineOf(call.SpanStart) by (string)((LiteralExpressionSyntax)value).Token.Value! into lines
               select (lines.Key, lines.Min()),
        ];
    }

    /// <summary>Whether <c>Run</c> stands here otherwise than as a call whose first argument is the playbook's name as a literal: then which ones it starts cannot be told of the text alone.</summary>
    public bool RunsUntold => source.Root.DescendantNodes().OfType<SimpleNameSyntax>().Any(name => name.Identifier.ValueText == "Run" && !(name.Parent is MemberAccessExpressionSyntax member && member.Name == name && member.Expression is not ThisExpressionSyntax)
        && !(name.Parent is InvocationExpressionSyntax { ArgumentList.Arguments: [{ Expression: LiteralExpressionSyntax { Token.Value: string }, NameColon: null or { Name.Identifier.ValueText: "playbook" } }, ..] } call && call.Expression == name));

    private ILookup<string, ExpressionSyntax?> Constants() => source.Root.DescendantNodes().OfType<VariableDeclaratorSyntax>()
        .Where(declared => declared.Parent?.Parent is LocalDeclarationStatementSyntax { IsConst: true }).ToLookup(declared => declared.Identifier.ValueText, declared => declared.Initializer?.Value, StringComparer.Ordinal);

    /// <summary>Something to be told of this place, though the playbook compiles.</summary>
    public PlaybookDiagnostic Warning(TextSpan span, string code, string message, string remedy) => source.At(span, code, message, remedy, PlaybookSeverity.Warning);

    /// <summary>Where an <c>On.Webhook</c> says its name; the text's beginning where it does not stand there as a literal.</summary>
    public TextSpan WebhookSpan(string name) => HeaderSyntax.In(source.Root).FirstOrDefault(call => call.Word == "On.Webhook" && call.Text("name") == name)?["name"]?.Span ?? default;

    /// <summary>The version that the header says; empty where it says none.</summary>
    public string Version => HeaderSyntax.In(source.Root).FirstOrDefault(call => call.Word == "Playbook")?.Text("version") ?? "";

    /// <summary>The name that the header says; empty where it says none.</summary>
    public string Name => HeaderSyntax.In(source.Root).FirstOrDefault(call => call.Word == "Playbook")?.Text("name") ?? "";

    /// <summary>The TLP that the header says; null where it says none that can be read.</summary>
    public Tlp? Tlp => HeaderSyntax.In(source.Root).FirstOrDefault(call => call.Word == "Playbook")?["tlp"] is MemberAccessExpressionSyntax { Name.Identifier.ValueText: var word } && Enum.TryParse<Tlp>(word, out var tlp) ? tlp : null;

    /// <summary>Where the header says its version; the text's beginning where it does not.</summary>
    public TextSpan VersionSpan => HeaderSyntax.In(source.Root).FirstOrDefault(call => call.Word == "Playbook")?["version"]?.Span ?? default;
}
