using System.Reflection;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;

namespace Soar.Language;

public abstract partial class Script
{
    /// <summary>
    /// Asks a role or person. With <paramref name="steps"/> an approval authorises exactly these prepared steps, each once, in this run; without steps it is
    /// a question and authorises nothing.
    /// </summary>
    /// <param name="who">A role or person, for example <c>shift-lead</c>.</param>
    /// <param name="question">What they read.</param>
    /// <param name="steps">Prepared steps: actions that were not started, or <c>All</c> of them.</param>
    /// <param name="within">Until when; the decision is Expired afterwards. Never, unless said.</param>
    /// <param name="quorum">How many different people must approve.</param>
    /// <param name="escalateTo">Who may answer too once half of the time has passed.</param>
    /// <param name="fourEyes">True: neither the person who started the run nor an author of the playbook's version may answer.</param>
    protected Step<Decision> Ask(string who, Text question, IEnumerable<Step>? steps = null, TimeSpan? within = null, int quorum = 1, string? escalateTo = null, bool fourEyes = false, Site at = default)
    {
        var text = question.ToString();
        var prepared = steps?.ToList();
        return new CallStep<Decision>(this, BuiltIns.Ask, "ask", script => Write(
            new AskArguments(who, text, prepared is null ? null : Prepare(prepared), script.Deadline(within), quorum, escalateTo, fourEyes ? true : null)), at) { Within = within };
    }

    /// <inheritdoc cref="Ask(string, Text, IEnumerable{Step}, TimeSpan?, int, string, bool, Site)"/>
    /// <param name="step">One prepared step.</param>
    protected Step<Decision> Ask(string who, Text question, Step step, TimeSpan? within = null, int quorum = 1, string? escalateTo = null, bool fourEyes = false, Site at = default) =>
        Ask(who, question, [step], within, quorum, escalateTo, fourEyes, at);

    /// <summary>Asks a person to fill in a form: one field per property of <typeparamref name="T"/> (text, number, yes/no, date, duration, enum as choice).</summary>
    protected Step<T> Form<T>(string who, Text title, TimeSpan? within = null, Site at = default)
    {
        var text = title.ToString();
        return new CallStep<T>(this, BuiltIns.Form, "form", script => Write(new FormArguments(who, text, FormFields.Of(typeof(T)), script.Deadline(within))), at) { Within = within };
    }

    /// <summary>Gives a person something to do; Approved means done, Refused means that they will not, Expired that nobody said.</summary>
    protected Step<Decision> Todo(string who, Text text, TimeSpan? within = null, Site at = default)
    {
        var todo = text.ToString();
        return new CallStep<Decision>(this, BuiltIns.Todo, "todo", script => Write(new TodoArguments(who, todo, script.Deadline(within))), at) { Within = within };
    }

    /// <summary>Waits. The run is forgotten meanwhile and costs nothing.</summary>
    protected Step Wait(TimeSpan duration, Site at = default) =>
        new CallStep<Nothing>(this, BuiltIns.Wait, "wait", script => Write(new WaitArguments(script.Deadline(duration)!.Value)), at);

    /// <summary>Waits until a time; one that has passed is no error.</summary>
    protected Step WaitUntil(DateTimeOffset time, Site at = default) =>
        new CallStep<Nothing>(this, BuiltIns.Wait, "wait-until", _ => Write(new WaitArguments(time.ToUnixTimeMilliseconds())), at);

    /// <summary>Receives the next signal of this name; one that was sent earlier is kept. Raises <see cref="StepTimedOut"/> when none comes in time.</summary>
    protected Step<Signal<T>> Receive<T>(string signal, TimeSpan? within = null, Site at = default) =>
        new CallStep<Signal<T>>(this, BuiltIns.Receive, "receive", script => Write(new ReceiveArguments(signal, script.Deadline(within))), at) { Within = within, Accepts = SignalTypes.Of(typeof(T)) };

    /// <summary>Writes a note (Markdown) into the run's case: <c>Case.Note</c>.</summary>
    protected Step Note(Text text, Site at = default) => new Arguments(this).Add("text", text).Call<Nothing>("case.note", "soar", "case-note", at);

    /// <summary>Runs another playbook and waits for its outcome. Its version is pinned at the first call; cancelling this run cancels it too; at most 16 deep.</summary>
    /// <param name="playbook">Its name.</param>
    /// <param name="inputs">An anonymous object or record: <c>new { address, ttl = 2.Hours }</c>.</param>
    protected Step<Outcome> Run(string playbook, object? inputs = null, Site at = default) => Run<Outcome>(playbook, inputs, at);

    /// <summary>
    /// Runs another playbook and waits for what it gives: the value that it ended with (<c>Outcome.Completed().With(…)</c>), read as <typeparamref name="T"/>. One that gives none, or something else, fails
    /// the step (<c>bad-result</c>).
    /// </summary>
    /// <inheritdoc cref="Run(string, object, Site)"/>
    protected Step<T> Run<T>(string playbook, object? inputs = null, Site at = default) =>
        new CallStep<T>(this, BuiltIns.Run, "run", script => Write(new RunArguments(playbook, script.InputsOf(inputs))), at) { Of = playbook };

    /// <summary>
    /// Ends the run and starts its successor with these inputs and a fresh journal: <c>return RunAgain(new { day = day + 1 });</c>
    /// </summary>
    protected Outcome RunAgain(object? inputs = null)
    {
        var marker = new Outcome("RunAgain");
        Here.Again = (marker, Write(InputsOf(inputs)));
        return marker;
    }

    /// <summary>A value as JSON, for actions that take JSON: <c>await Http.Post("/orders", AsJson(new { address, hours = 24 }));</c></summary>
    protected JsonElement AsJson(object? value) => JsonSerializer.SerializeToElement(value, Json);

    private static byte[] Write<T>(T arguments) => JsonSerializer.SerializeToUtf8Bytes(arguments, SoarJson.Options);

    private static List<PreparedStep> Prepare(IEnumerable<Step> steps)
    {
        var calls = PreparedSteps.Of(steps)
            ?? throw new InvalidOperationException("Ask can show prepared actions only (or All of them): a function, a ForEach or a question is not known before it runs.");
        return [.. calls.Select(prepared =>
        {
            var call = prepared.Call;
            if (call.Unusable is not null) throw new StepFailed(call.Action, call.Unusable);
            using var arguments = JsonDocument.Parse(call.Arguments);
            return new PreparedStep(call.Action, call.Instance, CallHash.Full(call.Action, call.Instance, call.Arguments.Span), arguments.RootElement.Clone(), prepared.Title);
        })];
    }

    private long? Deadline(TimeSpan? within)
    {
        if (within is not { } time || time == TimeSpan.MaxValue) return null;
        if (time < TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(within), $"A time must not be negative: {Durations.Say(time)}.");
        return Here.NowMs + (long)Math.Ceiling(time.TotalMilliseconds);
    }

    private Dictionary<string, JsonElement> InputsOf(object? inputs)
    {
        if (inputs is null) return [];
        var value = JsonSerializer.SerializeToElement(inputs, Json);
        return value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal)
            : throw new ArgumentException($"Inputs are an object with names, for example new {{ address }}; {inputs.GetType().Name} is none.", nameof(inputs));
    }
}

/// <summary>The fields that a form has for a record.</summary>
internal static class FormFields
{
    public static List<FormField> Of(Type type) =>
        // The context remembers what it saw: a lasting one would keep the playbook's types loaded for good.
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => Field(p, new NullabilityInfoContext()))];

    private static FormField Field(PropertyInfo property, NullabilityInfoContext nullability)
    {
        var plain = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        var required = nullability.Create(property).ReadState != NullabilityState.Nullable;
        var kind = plain switch
        {
            { IsEnum: true } => "choice",
            _ when plain == typeof(bool) => "bool",
            _ when plain == typeof(int) || plain == typeof(long) => "int",
            _ when plain == typeof(double) || plain == typeof(decimal) => "number",
            _ when plain == typeof(DateTimeOffset) || plain == typeof(DateTime) || plain == typeof(DateOnly) => "date",
            _ when plain == typeof(TimeSpan) => "duration",
            _ => "string",
        };
        return new FormField(name, kind, required, plain.IsEnum ? Enum.GetNames(plain) : null);
    }
}
