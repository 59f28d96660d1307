using System.Text;
using Soar.Alerts;

namespace Soar.Connectors.Alerts;

/// <summary>What a source has read and not handed over yet.</summary>
internal sealed class Hearing
{
    private List<IncomingAlert> alerts = [];
    private List<UnreadableInput> unreadable = [];
    private int ignored;

    /// <summary>There is something that must be on disk before the source moves on; what is only counted can wait.</summary>
    public bool Matters => alerts.Count > 0 || unreadable.Count > 0;

    public bool Any => Matters || ignored > 0;

    /// <summary>So much that it should be handed over.</summary>
    public bool Full => alerts.Count + unreadable.Count >= 500 || ignored >= 100_000;

    public void Alert(Alert alert, DateTimeOffset? resolvedAt = null) => alerts.Add(new IncomingAlert(alert, resolvedAt));

    public void Unreadable(ReadOnlySpan<byte> text, string problem) => Unreadable(Encoding.UTF8.GetString(text[..Math.Min(text.Length, UnreadableInput.MostText)]), problem);

    public void Unreadable(string text, string problem) => unreadable.Add(new UnreadableInput(text, problem));

    public void Ignore() => ignored++;

    /// <summary>All of it, and begins anew.</summary>
    public Heard Take()
    {
        var taken = new Heard { Alerts = alerts, Unreadable = unreadable, Ignored = ignored };
        (alerts, unreadable, ignored) = ([], [], 0);
        return taken;
    }
}
