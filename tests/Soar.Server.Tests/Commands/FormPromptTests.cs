using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Runs;
using Soar.Server.Display;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Soar.Server.Tests.Commands;

/// <summary>A form as a person at the prompt has it: typed keys in, an answer out.</summary>
public sealed class FormPromptTests
{
    private static readonly Question Form = new()
    {
        Id = new QuestionId(Guid.NewGuid()), Run = default, Ordinal = 1, AskedAt = default, Who = "it", Text = "What happened?", Kind = QuestionKind.Form,
        Details = JsonSerializer.Serialize(new FormArguments("it", "What happened?",
        [
            new FormField("encrypted", "bool", Required: true), new FormField("machines", "int", Required: true), new FormField("down", "duration", Required: false),
            new FormField("since", "date", Required: false), new FormField("howBad", "choice", Required: true, ["Low", "High"]), new FormField("remark", "string", Required: false),
        ], null), SoarJson.Options),
    };

    [Fact]
    public async Task Every_field_becomes_what_its_type_says_what_does_not_fit_is_asked_again_and_optional_fields_may_be_empty()
    {
        using var console = new TypedConsole("", "perhaps", "yes", "many", "12", "2h", "2026-03-29", "middle", "high", "");
        var answer = (await FormPrompt.AskAsync(console, Form, "ana", TestContext.Current.CancellationToken))!;
        Assert.Equal(("approve", "ana"), (answer.Answer, answer.By));
        Assert.Equal("""{"encrypted":true,"machines":12,"down":"02:00:00","since":"2026-03-29","howBad":"High"}""", answer.Value);
        Assert.Contains("'perhaps' must be true or false", console.Shown);
        Assert.Contains("'many' must be a whole number", console.Shown);
        Assert.Contains("'middle' must be one of Low, High", console.Shown);
        Assert.Equal(0, console.Left);
    }

    [Fact]
    public async Task What_is_needed_cannot_be_left_empty()
    {
        using var console = new TypedConsole("fill in", "", "no", "0", "", "", "Low", "");
        Assert.Equal("""{"encrypted":false,"machines":0,"howBad":"Low"}""", (await FormPrompt.AskAsync(console, Form, "ana", TestContext.Current.CancellationToken))!.Value);
        Assert.Contains("encrypted is needed", console.Shown);
    }

    [Fact]
    public async Task A_form_can_be_refused_with_a_reason_or_put_off()
    {
        using var refused = new TypedConsole("refuse", "not my machine");
        var answer = (await FormPrompt.AskAsync(refused, Form, "ana", TestContext.Current.CancellationToken))!;
        Assert.Equal(("refuse", "not my machine", (string?)null), (answer.Answer, answer.Reason, answer.Value));
        using var later = new TypedConsole("later");
        Assert.Null(await FormPrompt.AskAsync(later, Form, "ana", TestContext.Current.CancellationToken));
    }

    /// <summary>A console at which these lines are typed, each with Enter.</summary>
    private sealed class TypedConsole : IAnsiConsole, IAnsiConsoleInput, IDisposable
    {
        private readonly StringWriter written = new();
        private readonly Queue<ConsoleKeyInfo> keys = new();
        private readonly IAnsiConsole console;

        public TypedConsole(params string[] lines)
        {
            console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(written) });
            console.Profile.Width = 1000;
            foreach (var line in lines)
            {
                foreach (var c in line) keys.Enqueue(new ConsoleKeyInfo(c, ConsoleKey.NoName, shift: false, alt: false, control: false));
                keys.Enqueue(new ConsoleKeyInfo('\r', ConsoleKey.Enter, shift: false, alt: false, control: false));
            }
        }

        public string Shown => written.ToString();
        public int Left => keys.Count;
        public Profile Profile => console.Profile;
        public IAnsiConsoleCursor Cursor => console.Cursor;
        public IAnsiConsoleInput Input => this;
        public IExclusivityMode ExclusivityMode => console.ExclusivityMode;
        public RenderPipeline Pipeline => console.Pipeline;

        public void Clear(bool home) => console.Clear(home);

        public void Write(IRenderable renderable) => console.Write(renderable);

        public bool IsKeyAvailable() => keys.Count > 0;

        public ConsoleKeyInfo? ReadKey(bool intercept) => keys.TryDequeue(out var key) ? key : throw new InvalidOperationException($"More was asked than was typed:\n{Shown}");

        public Task<ConsoleKeyInfo?> ReadKeyAsync(bool intercept, CancellationToken cancellationToken) => Task.FromResult(ReadKey(intercept));

        public void Dispose() => written.Dispose();
    }
}
