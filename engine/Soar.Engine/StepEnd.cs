using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>What executing a call came to for now.</summary>
internal enum StepEndKind
{
    /// <summary>It is complete: journal and deliver it.</summary>
    Deliver,

    /// <summary>Its next attempt is due later.</summary>
    Later,

    /// <summary>A person is asked about its outcome, or whether policy lets it pass.</summary>
    AskedPerson,

    /// <summary>A kill switch holds it: lifting the switch wakes it.</summary>
    Held,

    /// <summary>It stands in line for a place at its instance, which tells it when one is free.</summary>
    InLine,

    /// <summary>A sub-run is to be created for it, or one that it began before is awaited again.</summary>
    Child,

    /// <summary>A test wants the engine to crash here.</summary>
    Crash,
}

internal readonly record struct StepEnd(StepEndKind Kind, DeliveryKind Delivery = default, ReadOnlyMemory<byte> Payload = default, DateTimeOffset Due = default, QuestionId Question = default, NewRun? Child = null)
{
    /// <summary>The sub-run that is awaited again.</summary>
    public RunId? Begun { get; init; }

    /// <summary>True when the completion was written already, together with the ledger.</summary>
    public bool Recorded { get; init; }

    public static StepEnd Done(ReadOnlyMemory<byte> result) => new(StepEndKind.Deliver, DeliveryKind.Done, result);

    public static StepEnd Cancelled() => new(StepEndKind.Deliver, DeliveryKind.Cancelled, Json.Null);

    public static StepEnd Refused(string code, string message) => new(StepEndKind.Deliver, DeliveryKind.Refused, Json.Of(new StepError(code, message, 0)));

    public static StepEnd Failed(string code, string message, int attempts) => new(StepEndKind.Deliver, DeliveryKind.Failed, Json.Of(new StepError(code, message, attempts)));

    public static StepEnd TimedOut(string message, int attempts) => new(StepEndKind.Deliver, DeliveryKind.TimedOut, Json.Of(new StepError("timeout", message, attempts)));

    public static StepEnd Held() => new(StepEndKind.Held);

    /// <param name="due">When it asks again without being told.</param>
    public static StepEnd InLine(DateTimeOffset due) => new(StepEndKind.InLine, Due: due);

    public static StepEnd Later(DateTimeOffset due) => new(StepEndKind.Later, Due: due);
}
