using Soar.Capabilities;

namespace Soar.Cases;

/// <summary><c>Case.*</c> in playbooks. Writes under the step's idempotency key, so a repeat changes nothing and answers the same.</summary>
public sealed class CaseDesk(ICaseStore store, TimeProvider clock) : ICases
{
    /// <inheritdoc/>
    public async Task<CaseRef> OpenAsync(Text title, int severity = 0, ActionContext context = null!, CancellationToken cancellation = default)
    {
        var text = title.ToString().Trim();
        if (text.Length == 0) throw ConnectorFailure.Permanent("A case needs a title: Case.Open(\"what happened, to whom\").");
        if (severity is < 0 or > 100) throw ConnectorFailure.Permanent($"Severity {severity} is not between 0 (unset) and 100.");
        var opened = await Desk.TellAsync(() => store.OpenAsync(Desk.Entry(context, clock), text, severity, context.Tlp));
        return new CaseRef(opened.Id.ToString(), opened.Number, opened.Title) { Tlp = opened.Tlp };
    }

    /// <inheritdoc/>
    public async Task NoteAsync(Text text, ActionContext context, CancellationToken cancellation)
    {
        var note = text.ToString();
        if (string.IsNullOrWhiteSpace(note)) throw ConnectorFailure.Permanent("A note without text was not kept. Say what is to be noted.");
        await Desk.TellAsync(async () =>
        {
            await store.AddNoteAsync(Desk.Entry(context, clock), note);
            return true;
        });
    }

    /// <inheritdoc/>
    public async Task ObservableAsync(Observable observable, Verdict verdict, ActionContext context, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(observable.Type) || string.IsNullOrWhiteSpace(observable.Value))
            throw ConnectorFailure.Permanent($"An observable needs a type and a value; type '{observable.Type}' with value '{observable.Value}' was not kept.");
        await Desk.TellAsync(async () =>
        {
            await store.AddObservableAsync(Desk.Entry(context, clock), observable, verdict);
            return true;
        });
    }
}

/// <summary>What the desk's capabilities share: who writes, and how a failing store is told to the engine.</summary>
internal static class Desk
{
    public static Entry Entry(ActionContext context, TimeProvider clock) => new(context.Key, context.Run, context.Step, clock.GetUtcNow());

    /// <summary>A store that fails has written nothing, and the key makes a repeat safe: what may pass by itself is tried again, the rest needs a person.</summary>
    public static async Task<T> TellAsync<T>(Func<Task<T>> write)
    {
        try
        {
            return await write();
        }
        catch (SoarException error) when (error is not ConnectorFailure)
        {
            throw error.Code is "SOAR3004" or "SOAR3006" or "SOAR3008"
                ? ConnectorFailure.Transient(error.Message, inner: error)
                : ConnectorFailure.Permanent(error.Message, error);
        }
    }
}
