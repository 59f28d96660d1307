using System.Text.Json;
using Soar.Hosting;

namespace Soar.Language;

/// <summary>A step that the engine answers: an action of a capability or one of <see cref="BuiltIns"/>.</summary>
internal interface ICall
{
    string Action { get; }
    string Instance { get; }
    string? Title { get; }
    Branch? Branch { get; }
    string Path { get; }
    ReadOnlyMemory<byte> Arguments { get; }

    /// <summary>Why the step cannot even be called; it fails by name when it is awaited or shown for approval.</summary>
    StepError? Unusable { get; }

    StepCall ToCall(RunInstance run, int ordinal, ulong hash);

    void Deliver(RunInstance run, in Delivery delivery);

    /// <summary>Its branch was cancelled.</summary>
    void Cancel();
}

internal sealed class CallStep<T> : Step<T>, ICall
{
    private readonly Script script;
    private readonly string fallbackId;
    private readonly Site site;
    private readonly Func<Script, byte[]>? argumentsAtStart;
    private int? attempts;
    private TimeSpan? timeout;
    private string? title;
    private ReadOnlyMemory<byte>? arguments;

    /// <param name="fallbackId">Step id where the site is not known.</param>
    /// <param name="arguments">Canonical JSON.</param>
    public CallStep(Script script, string action, string instance, string fallbackId, ReadOnlyMemory<byte> arguments, Site site)
    {
        this.script = script;
        this.fallbackId = fallbackId;
        this.site = site;
        this.arguments = arguments;
        Action = action;
        Instance = instance;
    }

    /// <param name="argumentsAtStart">For arguments that depend on when the step starts (deadlines).</param>
    public CallStep(Script script, string action, string fallbackId, Func<Script, byte[]> argumentsAtStart, Site site)
        : this(script, action, "soar", fallbackId, default, site)
    {
        this.argumentsAtStart = argumentsAtStart;
        arguments = null;
    }

    public string Action { get; }
    public string Instance { get; }
    public Branch? Branch { get; private set; }
    public string Path { get; private set; } = "";
    public string? Title => title ?? script.Info(site)?.Title;
    public ReadOnlyMemory<byte> Arguments => arguments ??= argumentsAtStart!(script);

    public StepError? Unusable { get; init; }

    internal override IEnumerable<ICall>? Prepared => argumentsAtStart is null ? [this] : null;

    public StepCall ToCall(RunInstance run, int ordinal, ulong hash)
    {
        var shown = Title;
        var options = attempts is null && timeout is null && shown is null ? null : new StepOptions(attempts, (long?)timeout?.TotalMilliseconds, shown);
        return new StepCall(run.Run, ordinal, Path, Action, Instance, Arguments, hash, options, script.Info(site)?.Line ?? 0);
    }

    public void Deliver(RunInstance run, in Delivery delivery)
    {
        switch (delivery.Kind)
        {
            case DeliveryKind.Done:
                if (TryRead(delivery.Payload.Span, out var value, out var why)) Succeed(value!);
                else Fail(new StepFailed(Path, new StepError("bad-result", $"The result of {Action} cannot be read as {typeof(T).Name}: {why}", 1)));
                break;
            case DeliveryKind.Failed:
                Fail(new StepFailed(Path, ReadError(delivery)));
                break;
            case DeliveryKind.TimedOut:
                Fail(new StepTimedOut(Path, ReadError(delivery)));
                break;
            case DeliveryKind.Refused:
                Fail(new StepRefused(Path, ReadError(delivery)));
                break;
            default:
                Cancel();
                break;
        }
    }

    public void Cancel() => Fail(new OperationCanceledException($"The step {Path} was cancelled."));

    private protected override void Begin(RunInstance run)
    {
        Branch = run.Branch;
        Path = Branch.NextPath(script.Info(site)?.Id ?? fallbackId);
        if (Unusable is not null)
        {
            Fail(new StepFailed(Path, Unusable));
            return;
        }

        run.Call(this);
    }

    private protected override Step Modified(in Modifier modifier)
    {
        if (!IsCold) throw new InvalidOperationException("A step that was started cannot be changed: call .Retry, .Timeout and .Titled before it is awaited.");
        var copy = (CallStep<T>)MemberwiseClone();
        copy.Apply(modifier);
        return copy;
    }

    private void Apply(in Modifier modifier)
    {
        if (modifier.Title is not null) title = modifier.Title;
        if (modifier.Attempts is null && modifier.After is null) return;
        if (argumentsAtStart is not null) throw new InvalidOperationException($"{Action} takes no .Retry and no .Timeout; it has within: where it can expire.");
        if (modifier.Attempts is < 1) throw new ArgumentOutOfRangeException(nameof(modifier), $"Retry({modifier.Attempts}): at least one attempt is needed.");
        if (modifier.After is { } after && after <= TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(modifier), $"Timeout({Durations.Say(after)}): it must be longer than nothing.");
        attempts = modifier.Attempts ?? attempts;
        timeout = modifier.After ?? timeout;
    }

    private bool TryRead(ReadOnlySpan<byte> payload, out T? value, out string? why)
    {
        why = null;
        value = default;
        if (typeof(T) == typeof(Nothing)) return true;
        try
        {
            value = JsonSerializer.Deserialize<T>(payload, script.Json);
            return true;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or ArgumentException or FormatException)
        {
            why = error.Message;
            return false;
        }
    }

    private static StepError ReadError(in Delivery delivery)
    {
        try
        {
            return JsonSerializer.Deserialize<StepError>(delivery.Payload.Span, Soar.Capabilities.SoarJson.Options) ?? new StepError("unknown", "The step failed without saying why.", 1);
        }
        catch (JsonException)
        {
            return new StepError("unknown", "The step failed and its record cannot be read.", 1);
        }
    }
}
