using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Soar.Capabilities;
using Spectre.Console;

namespace Soar.Server.Display;

/// <summary>
/// Where commands write. On a terminal: colour and live views; piped: plain lines, never wrapped, no control characters. Texts that came from outside (alert
/// fields, connector answers) are stripped of control characters, so that nobody's alert can drive an analyst's terminal.
/// </summary>
internal sealed class Terminal
{
    private static readonly JsonSerializerOptions Indented = new(SoarJson.Options) { WriteIndented = true, TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(NestedJson.Open), Converters = { new CaseIdText() } };

    public Terminal()
    {
        Interactive = !Console.IsOutputRedirected && !Console.IsInputRedirected;
        Ansi = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect });
        if (Console.IsOutputRedirected) Ansi.Profile.Width = 100_000;
        Errors = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = Console.IsErrorRedirected ? AnsiSupport.No : AnsiSupport.Detect, Out = new AnsiConsoleOutput(Console.Error) });
        if (Console.IsErrorRedirected) Errors.Profile.Width = 100_000;
    }

    public IAnsiConsole Ansi { get; }
    public IAnsiConsole Errors { get; }

    /// <summary>True when a person can be asked at the prompt.</summary>
    public bool Interactive { get; }

    /// <summary>Writes a line of Spectre markup; escape foreign text with <see cref="Safe"/>.</summary>
    public void Line(string markup = "") => Ansi.MarkupLine(markup);

    public void Json(object? value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Indented));

    public void Error(SoarException error) => Error(error.Message, error.Code);

    public void Error(string message, string code) => Errors.MarkupLine($"[red]{Safe(code)}[/] {Safe(message, lines: true)}");

    /// <summary>Text for a markup string: brackets escaped, control characters replaced.</summary>
    public static string Safe(string? text, bool lines = false) => Markup.Escape(Clean(text ?? "", lines));

    /// <summary>The same, cut to a length.</summary>
    public static string Short(string? text, int length)
    {
        var clean = Clean(text ?? "", lines: false);
        return Markup.Escape(clean.Length <= length ? clean : clean[..(length - 1)] + "…");
    }

    public static Table Table(params string[] columns)
    {
        var table = new Table { Border = Console.IsOutputRedirected ? TableBorder.None : TableBorder.Rounded, ShowHeaders = true };
        foreach (var column in columns) table.AddColumn(new TableColumn(column).NoWrap());
        return table;
    }

    private static string Clean(string text, bool lines) => string.Create(text.Length, (text, lines), static (span, state) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            var c = state.text[i];
            // Bidirectional overrides can make a hostile name read as another one.
            span[i] = c == '\n' && state.lines ? c : char.IsControl(c) || c is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' ? ' ' : c;
        }
    });
}
