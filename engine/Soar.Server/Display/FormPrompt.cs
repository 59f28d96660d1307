using System.Text.Json;
using Soar.Capabilities;
using Soar.Runs;
using Soar.Server.Node;
using Soar.Server.Settings;
using Spectre.Console;

namespace Soar.Server.Display;

/// <summary>A form at the prompt: filled in field by field, refused, or put off. A value that does not fit is asked for again.</summary>
internal static class FormPrompt
{
    private const string FillIn = "fill in", Refuse = "refuse", Later = "later";

    /// <summary>Null when it is put off.</summary>
    public static async Task<AnswerCall?> AskAsync(IAnsiConsole console, Question question, string user, CancellationToken cancellation)
    {
        switch (await new TextPrompt<string>("Your answer").AddChoice(FillIn).AddChoice(Refuse).AddChoice(Later).DefaultValue(FillIn).ShowAsync(console, cancellation))
        {
            case Later:
                return null;
            case Refuse:
                return new AnswerCall(question.Id.Value, Refuse, await new TextPrompt<string>("Why?").ShowAsync(console, cancellation), user, null);
        }

        return new AnswerCall(question.Id.Value, "approve", "", user, await FillAsync(console, question, cancellation));
    }

    /// <summary>Of an effect that was done although nothing could tell: what it gave, as JSON; null where nobody needs that.</summary>
    public static async Task<string?> ResultAsync(IAnsiConsole console, Question question, CancellationToken cancellation)
    {
        if (QuestionText.ExampleResult(question) is not { } example) return null;
        console.MarkupLine($"The playbook goes on with what it gave. As JSON, for example: {Terminal.Safe(example)}");
        return await new TextPrompt<string>("What did it give?").Validate(text => IsJson(text) ? ValidationResult.Success() : ValidationResult.Error("[red]this is not JSON[/]")).ShowAsync(console, cancellation);
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The form's values as JSON, asked for one after the other.</summary>
    public static async Task<string> FillAsync(IAnsiConsole console, Question question, CancellationToken cancellation)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var field in QuestionText.Fields(question))
        {
            var prompt = new TextPrompt<string>($"  {Terminal.Safe(field.Name)} ({Terminal.Safe(QuestionText.Shape(field))}{(field.Required ? "" : "; may be left empty")}):").AllowEmpty()
                .Validate(text => InputText.TryField(field, text, out _, out var problem) ? ValidationResult.Success() : ValidationResult.Error($"[red]{Terminal.Safe(problem)}[/]"));
            if (InputText.TryField(field, await prompt.ShowAsync(console, cancellation), out var value, out _) && value is { } given) values[field.Name] = given;
        }

        return JsonSerializer.Serialize(values, SoarJson.Options);
    }
}
