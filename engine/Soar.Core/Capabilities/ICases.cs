namespace Soar.Capabilities;

/// <summary>A case as playbooks see it.</summary>
public sealed record CaseRef(string Id, int Number, string Title)
{
    /// <summary>How far what is known of the case may travel; every run that works on it keeps to it.</summary>
    public Tlp? Tlp { get; init; }
}

[Capability("Case", "The case this run belongs to.", BuiltIn = true, Proven = "a real database")]
public interface ICases
{
    /// <summary>Opens a case and binds this run to it; a run that has one gets that one.</summary>
    [Action(Effect.Records, SafeToRepeat = true)]
    Task<CaseRef> OpenAsync(Text title, int severity = 0, ActionContext context = null!, CancellationToken cancellation = default);

    /// <summary>Adds a note (Markdown) to the run's case, or to the run where it has none.</summary>
    [Action(Effect.Records, SafeToRepeat = true)]
    Task NoteAsync(Text text, ActionContext context, CancellationToken cancellation);

    /// <summary>Adds an observable to the run's case with this run's verdict.</summary>
    [Action(Effect.Records, SafeToRepeat = true)]
    Task ObservableAsync(Observable observable, Verdict verdict, ActionContext context, CancellationToken cancellation);
}

/// <summary>A sealed piece of evidence.</summary>
public sealed record SealedEvidence(string Id, string Sha256, DateTimeOffset At);

[Capability("Evidence", "Binds artifacts and results to the case so that they stand up in court.", BuiltIn = true, Proven = "a real database and its artifact store")]
public interface IEvidence
{
    /// <summary>Seals an artifact: hash verified, custody record written (who, when, run, step).</summary>
    [Action(Effect.Records, SafeToRepeat = true)]
    Task<SealedEvidence> SealAsync(Artifact artifact, Text description, ActionContext context, CancellationToken cancellation);
}

/// <summary>A versioned table. Rows keep their order; columns are text.</summary>
public sealed record ListTable(string Name, int Version, IReadOnlyList<string> Columns, IReadOnlyList<ListRow> Rows);

/// <summary>One row: <c>row["mail"]</c>. A column that the list does not have is an error naming it.</summary>
public sealed record ListRow(IReadOnlyDictionary<string, string> Values)
{
    public string this[string column] => Values.TryGetValue(column, out var value)
        ? value
        : throw new SoarException("SOAR2010", $"The list has no column '{column}'. It has: {string.Join(", ", Values.Keys)}.");
}

[Capability("Lists", "Versioned tables kept by the SOC: facilities, contacts, own networks.", BuiltIn = true, Proven = "a real database")]
public interface ILists
{
    /// <summary>Reads a list's newest version; the run keeps that version. In playbooks also <c>Lists["facilities"]</c>.</summary>
    [Action(Effect.ReadsOnly)]
    Task<ListTable> ReadAsync(string name, ActionContext context, CancellationToken cancellation);
}

[Capability("JavaScript", "Runs foreign snippets in a killable process with a memory limit.", BuiltIn = true, Proven = "hostile snippets in the jailed child process")]
public interface IJavaScript
{
    /// <summary>Runs ECMAScript 5 with <c>input</c> in scope; the value of the last expression is the result, as JSON.</summary>
    [Action(Effect.ReadsOnly)]
    Task<System.Text.Json.JsonElement> RunAsync(string code, System.Text.Json.JsonElement input, ActionContext context, CancellationToken cancellation);
}
