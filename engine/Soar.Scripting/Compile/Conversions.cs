using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Soar.Errors;

namespace Soar.Scripting.Compile;

/// <summary>What to write where a value of one type stands and another type is wanted: addresses, durations, times and judgements are types of their own in playbooks.</summary>
internal sealed partial class Conversions(CSharpCompilation compilation)
{
    /// <param name="message">The compiler's, in our words; it ends with the type that stands there and the one that is wanted.</param>
    public string Remedy(string message, SyntaxNode? place)
    {
        if (Quoted().Matches(message) is not [.., var first, var second]) return "";
        var (from, to) = (first.Groups[1].Value, second.Groups[1].Value);
        // 'address == "1.2.3.4"': whichever side is the text or the number is to become what the other one is.
        if (message.StartsWith("Operator", StringComparison.Ordinal) && from is not ("string" or "int" or "double") && to is "string" or "int" or "double") (from, to) = (to, from);
        var written = place is ArgumentSyntax argument ? argument.Expression : place as ExpressionSyntax;
        var text = written is BinaryExpressionSyntax { Left: var left, Right: var right } ? (left is LiteralExpressionSyntax ? left : right).ToString() : written?.ToString() ?? "";
        return from == to + "?" ? $"It may be null: test it first, if ({text} is {{ }} known), and use what is known." : To(to.TrimEnd('?'), from, text);
    }

    private string To(string to, string from, string written) => (to, from) switch
    {
        ("IpAddress" or "EmailAddress" or "DomainName", "string") => $"Write {to}.Parse({written}).",
        ("System.TimeSpan" or "TimeSpan", "int" or "long" or "double" or "decimal") => $"Say the unit: {written}.Minutes, {written}.Hours or {written}.Days.",
        ("System.TimeSpan" or "TimeSpan", "string") => $"Write a duration as a number with its unit: {Duration(written)}.",
        ("System.DateTimeOffset" or "DateTimeOffset", "System.TimeSpan") => $"Count from now: Now + {written}.",
        ("System.DateTimeOffset" or "DateTimeOffset", "string") => $"Write DateTimeOffset.ParseExact({written}, \"yyyy-MM-dd HH:mm zzz\", null), or count from Now.",
        ("Observable", "string") => $"Say what it is: new Observable(\"domain\", {written}).",
        ("System.Text.Json.JsonElement" or "JsonElement", _) => $"Write AsJson({written}).",
        ("string" or "Text", _) => $"Write $\"{{{written}}}\".",
        _ when to.StartsWith("System.Collections.Generic.", StringComparison.Ordinal) && !from.Contains('<', StringComparison.Ordinal) => $"A list is wanted, be it of one: [{written}].",
        _ => OneOf(to, written.Trim('"')),
    };

    private static string Duration(string written)
    {
        var match = Hours().Match(written);
        var unit = match.Groups[2].Value switch { "s" => "Seconds", "m" or "min" => "Minutes", "d" => "Days", "w" => "Weeks", _ => "Hours" };
        return match.Success ? $"{match.Groups[1].Value}.{unit}" : "24.Hours, 30.Minutes, 7.Days";
    }

    private string OneOf(string to, string written)
    {
        var type = new[] { to, $"Soar.{to}", $"Soar.Capabilities.{to}" }.Select(compilation.GetTypeByMetadataName).FirstOrDefault(found => found is not null);
        if (type is not { TypeKind: TypeKind.Enum }) return "";
        var members = type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue).Select(field => field.Name).ToList();
        return Nearest.To(written, members) is { } meant ? $"Write {type.Name}.{meant}." : $"Write one of {string.Join(", ", members.Select(member => $"{type.Name}.{member}"))}.";
    }

    [GeneratedRegex("'([^']+)'", RegexOptions.None, 1000)]
    private static partial Regex Quoted();

    [GeneratedRegex("^\"([0-9]+) ?(s|m|min|h|d|w)[a-z]*\"$", RegexOptions.None, 1000)]
    private static partial Regex Hours();
}
