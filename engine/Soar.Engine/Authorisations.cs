using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>What the decisions of one run authorise: each prepared step that an approved <c>Ask</c> showed, once.</summary>
internal sealed class Authorisations
{
    private readonly Lock gate = new();
    private readonly Dictionary<int, IReadOnlyList<string>> asked = [];
    private readonly Dictionary<string, int> unused = [];

    /// <summary>An <c>Ask</c> showed these steps.</summary>
    public void Asked(int ordinal, AskedRecord record)
    {
        lock (gate)
        {
            if (record.Authorises is { Count: > 0 } hashes) asked[ordinal] = hashes;
        }
    }

    /// <summary>A completion: when it is the approval of an <c>Ask</c>, its steps are authorised.</summary>
    public void Decided(JournalRecord record)
    {
        if (record.Action == BuiltIns.Ask && record.Delivery == DeliveryKind.Done) Decided(record.Ordinal, record.Payload);
    }

    public void Decided(int ordinal, ReadOnlyMemory<byte> decision)
    {
        lock (gate)
        {
            if (!asked.Remove(ordinal, out var hashes) || !Json.Read<Decision>(decision).Approved) return;
            foreach (var hash in hashes) unused[hash] = unused.GetValueOrDefault(hash) + 1;
        }
    }

    /// <summary>Uses one authorisation of exactly this step. False when there is none left.</summary>
    public bool TryTake(string hash)
    {
        lock (gate)
        {
            var left = unused.GetValueOrDefault(hash);
            if (left == 0) return false;
            unused[hash] = left - 1;
            return true;
        }
    }

    /// <summary>Nothing was done with it after all.</summary>
    public void GiveBack(string hash)
    {
        lock (gate) unused[hash] = unused.GetValueOrDefault(hash) + 1;
    }
}
