using System.Security.Cryptography;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Soar.Scripting;
using Soar.Scripting.Compile;

namespace Soar.Server.Commands;

/// <summary>
/// A command of one line as an unnamed playbook: the C# of an interactive console, whose last expression needs no semicolon and is the value, under the same checks, jail, approvals and journal as any
/// playbook. Nothing of it is evaluated here.
/// </summary>
internal sealed record OneLine(string Text, string Source)
{
    /// <summary>The playbook's name, and its file's.</summary>
    public const string Name = "one-line-command";

    // The typed text begins a line of its own, so that its columns stay what they are.
    private const int LinesAbove = 2;

    /// <summary>Checks and compiles what was typed. Throws SOAR1000 with every finding, at the columns of what was typed.</summary>
    public static async Task<OneLine> ReadAsync(string text, PlaybookCompiler compiler, CancellationToken cancellation)
    {
        if (text.Trim().Length == 0) throw new SoarException("SOAR5001", "There is nothing to do. Write one line of C#, for example: soar do 'await Isp.Owner(IpAddress.Parse(\"203.0.113.7\"))'");
        var body = Body(text);
        var line = new OneLine(text, Wrap(text, body.Value is { } value ? $"{body.Before}\nvar valueOfTheCommand =\n{value};\nreturn Outcome.Completed(AsJson(valueOfTheCommand).GetRawText());\n" : $"{text}\n"));
        var result = await compiler.CompileAsync(line.Source, $"{Name}.csx", new BuildOptions(), cancellation);
        // A step without a result has no value to show.
        if (body.Value is not null && result.Errors.Any(e => e.Code == "CS0815"))
        {
            line = line with { Source = Wrap(text, $"{text};\n") };
            result = await compiler.CompileAsync(line.Source, $"{Name}.csx", new BuildOptions(), cancellation);
        }

        return result.Playbook is not null ? line : throw new SoarException("SOAR1000", string.Join('\n', result.Errors.Select(e => Say(line, e)).Distinct()));
    }

    private static string Wrap(string text, string body)
    {
        var version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];
        return $"Playbook(\"{Name}\", version: \"0.0.0-x{version}\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A command of one line.\");\n\n{body}";
    }

    /// <summary>What stands before the last expression, and that expression when it has no semicolon.</summary>
    private static (string Before, string? Value) Body(string text)
    {
        var root = (CompilationUnitSyntax)CSharpScript.Create(text).GetCompilation().SyntaxTrees.Single().GetRoot();
        return root.Members.LastOrDefault() is GlobalStatementSyntax { Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } last } && !last.ContainsSkippedText
            ? (text[..last.SpanStart], text[last.SpanStart..])
            : (text, null);
    }

    private static string Say(OneLine line, PlaybookDiagnostic found)
    {
        // The expression was moved to a line of its own, behind one of ours.
        var rows = line.Source.Split('\n');
        var typed = found.Line > LinesAbove && found.Line <= rows.Length ? rows[found.Line - 1] : "";
        var at = typed.Length > 0 ? line.Text.IndexOf(typed.TrimEnd(';'), StringComparison.Ordinal) : -1;
        var column = at < 0 ? "" : $"column {at + found.Column}: ";
        var stop = found.Message is [.., '.' or '!' or '?'] ? "" : ".";
        return $"{column}{found.Code}: {found.Message}{(found.Remedy.Length > 0 ? $"{stop} {found.Remedy}" : "")}";
    }
}
