using System.Text.Json;

namespace Soar.Hosting;

/// <summary>Ids and arguments of the steps that the engine itself answers. Results are what the language documents.</summary>
public static class BuiltIns
{
    /// <summary>Arguments <see cref="AskArguments"/>; result <see cref="Decision"/>.</summary>
    public const string Ask = "soar.ask";

    /// <summary>Arguments <see cref="FormArguments"/>; result: the form's values as JSON.</summary>
    public const string Form = "soar.form";

    /// <summary>Arguments <see cref="TodoArguments"/>; result <see cref="Decision"/> (Approved = done).</summary>
    public const string Todo = "soar.todo";

    /// <summary>Arguments <see cref="WaitArguments"/>; result <c>null</c>.</summary>
    public const string Wait = "soar.wait";

    /// <summary>Arguments <see cref="ReceiveArguments"/>; result <see cref="Signal{T}"/>. Passing the deadline delivers TimedOut.</summary>
    public const string Receive = "soar.receive";

    /// <summary>Arguments <see cref="RunArguments"/>; result: <see cref="Outcome"/> of the sub-run, with the value that it gives.</summary>
    public const string Run = "soar.run";

    /// <summary>The time limit of a step, beside it. Arguments <see cref="TimeoutArguments"/>; passing it delivers TimedOut, and the step's own end withdraws it.</summary>
    public const string Timeout = "soar.timeout";
}

/// <param name="Who">A role or person.</param>
/// <param name="Until">UTC Unix milliseconds when it expires; null = never.</param>
/// <param name="Quorum">How many different people must approve. 1 unless said otherwise.</param>
/// <param name="EscalateTo">Who may answer too once half of the time has passed.</param>
/// <param name="FourEyes">True: neither who started the run nor an author of its version may answer. Null = they may.</param>
public sealed record AskArguments(string Who, string Question, IReadOnlyList<PreparedStep>? Steps, long? Until, int Quorum, string? EscalateTo, bool? FourEyes = null);

/// <param name="Fields">Name, type (<c>string</c>, <c>int</c>, <c>bool</c>, <c>date</c>, <c>choice</c>…), required, choices; from the record's properties.</param>
public sealed record FormArguments(string Who, string Title, IReadOnlyList<FormField> Fields, long? Until);

public sealed record FormField(string Name, string Type, bool Required, IReadOnlyList<string>? Choices = null);

public sealed record TodoArguments(string Who, string Text, long? Until);

/// <param name="Until">UTC Unix milliseconds.</param>
public sealed record WaitArguments(long Until);

/// <param name="Until">UTC Unix milliseconds.</param>
/// <param name="After">The limit in milliseconds: what a run gets anew when a person resumes it after its time had passed.</param>
/// <param name="Grace">True for the time that the <c>finally</c> blocks of a step have whose own time is over.</param>
public sealed record TimeoutArguments(long Until, long After, bool? Grace = null);

public sealed record ReceiveArguments(string Signal, long? Until);

public sealed record RunArguments(string Playbook, IReadOnlyDictionary<string, JsonElement> Inputs);
