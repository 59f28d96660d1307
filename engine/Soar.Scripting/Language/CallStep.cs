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

/// <summary>A call that is known before it starts, as <c>Ask</c> shows it.</summary>
internal readonly record struct PreparedCall(ICall Call, string? Title);

internal static class StepErrors
{
    public static StepError Read(in Delivery delivery)
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

    /// <summary>How long a question or a receive may take; its end is in the arguments, this is for people and for a run that is resumed after it.</summary>
    public TimeSpan? Within { get; init; }

    /// <summary>Of <c>Run</c>: the sub-playbook's name.</summary>
    public string? Of { get; init; }

    /// <summary>See <see cref="StepOptions.Accepts"/>.</summary>
    public string? Accepts { get; init; }

    internal override IEnumerable<PreparedCall>? Prepared => argumentsAtStart is null ? [new PreparedCall(this, Title)] : null;

    internal override string? OwnPath => Path;

    public StepCall ToCall(RunInstance run, int ordinal, ulong hash)
    {
        var shown = Branch!.TitleOf(Title);
        var time = timeout ?? (Within == TimeSpan.MaxValue ? null : Within);
        var options = attempts is null && time is null && shown is null && Accepts is null && Branch.Of is null
            ? null
            : new StepOptions(attempts, (long?)time?.TotalMilliseconds, shown, Accepts, Branch.Of);
        return new StepCall(run.Run, ordinal, Path, Action, Instance, Arguments, hash, options, script.Info(site)?.Line ?? 0);
    }

    public void Deliver(RunInstance run, in Delivery delivery)
    {
        switch (delivery.Kind)
        {
            case DeliveryKind.Done:
                if (TryRead(delivery.Payload.Span, out var value, out var why)) Succeed(value!);
                else Fail(new StepFailed(Path, new StepError("bad-result", $"{Said} cannot be read as {SignalTypes.Shown(typeof(T))}: {why}", 1)));
                break;
            case DeliveryKind.Failed:
                Fail(new StepFailed(Path, StepErrors.Read(delivery)));
                break;
            case DeliveryKind.TimedOut:
                Fail(new StepTimedOut(Path, StepErrors.Read(delivery)));
                break;
            case DeliveryKind.Refused:
                Fail(new StepRefused(Path, StepErrors.Read(delivery)));
                break;
            default:
                Cancel();
                break;
        }
    }

    private string Said => Action switch
    {
        BuiltIns.Receive => "What the signal carries",
        BuiltIns.Form => "What the form was answered with",
        BuiltIns.Run => $"What {Of} gives",
        _ => $"The result of {Action}",
    };

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
        // An action has its own number of attempts and its own time; the engine's own steps are limited like any other.
        if (argumentsAtStart is not null && modifier.Title is null) return base.Modified(modifier);
        modifier.Check(IsCold);
        var copy = (CallStep<T>)MemberwiseClone();
        copy.title = modifier.Title ?? title;
        copy.attempts = modifier.Attempts ?? attempts;
        copy.timeout = modifier.After ?? timeout;
        return copy;
    }

    private bool TryRead(ReadOnlySpan<byte> payload, out T? value, out string? why)
    {
        why = null;
        value = default;
        if (typeof(T) == typeof(Nothing)) return true;
        try
        {
            value = Action == BuiltIns.Run ? OutcomeValues.Read<T>(payload, script.Json) : JsonSerializer.Deserialize<T>(payload, script.Json);
            return true;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or ArgumentException or FormatException)
        {
            why = error.Message;
            return false;
        }
    }

}
