using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Soar.Connectors;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Credentials;

/// <param name="By">The place in the settings: <c>connectors.edge.token</c>.</param>
/// <param name="First">The first time this process gives that place this value: for the audit.</param>
internal sealed record TakenCredential(string Name, string By, bool First, DateTimeOffset At);

/// <summary>The credentials that the settings refer to, opened, for as long as the process lives; and who takes them.</summary>
/// <param name="stored">What the store has; null where there is no store yet. Asked when the first reference is met.</param>
/// <param name="keys">What opens them.</param>
internal sealed class CredentialValues(Func<IReadOnlyList<Credential>?> stored, Func<KeyRing> keys, TimeProvider clock)
{
    /// <summary>A use is noted as often as that, by place.</summary>
    private static readonly TimeSpan Grain = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Lazy<IReadOnlyList<Credential>?> found = new(stored);
    private readonly ConcurrentDictionary<string, (string Value, long Version)> values = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, string By), (long Version, DateTimeOffset At)> seen = [];
    private readonly List<(string Name, string By)> references = [];
    private readonly Channel<TakenCredential> taken = Channel.CreateUnbounded<TakenCredential>();

    /// <summary>For settings that are read apart from any store.</summary>
    public static CredentialValues None { get; } = new(() => null, () => KeyRing.Empty, TimeProvider.System);

    /// <summary>Uses, as they happen; a place's next within a minute is not told again.</summary>
    public ChannelReader<TakenCredential> Taken => taken.Reader;

    /// <summary>A secret with this value was set while the process runs: told before anybody can be given it.</summary>
    public event Action<Secret>? Replaced;

    /// <summary>The places of the settings that refer to it.</summary>
    public IReadOnlyList<string> ReferencesTo(string name) => [.. references.Where(r => r.Name == name).Select(r => r.By)];

    /// <param name="by">The place in the settings.</param>
    /// <param name="problem">Why there is none, in words that follow the place's name.</param>
    public bool TryGive(string name, string by, [NotNullWhen(true)] out Secret? secret, [NotNullWhen(false)] out string? problem)
    {
        secret = null;
        problem = Read(name);
        if (problem is not null) return false;
        references.Add((name, by));
        secret = new Secret(() => values[name].Value, () => Use(name, by));
        return true;
    }

    /// <summary>From now on this is its value, for whoever asks; of a credential that no setting refers to nothing is kept here.</summary>
    public void Replace(string name, string value, long version)
    {
        if (!values.ContainsKey(name)) return;
        Replaced?.Invoke(new Secret(value));
        values[name] = (value, version);
    }

    private string? Read(string name)
    {
        if (values.ContainsKey(name)) return null;
        try
        {
            if (found.Value?.FirstOrDefault(row => row.Name == name) is not { } row)
                return $"refers to the credential {name}, which is not set: 'soar credentials set {name}' sets it.{(found.Value is { Count: > 0 } all ? YamlBinder.Suggest(name, all.Select(r => r.Name), orAll: false) : "")}".TrimEnd();
            values[name] = (keys().Open(CredentialVault.PurposeOf(name), row.Sealed), row.Version);
            return null;
        }
        catch (SoarException unreadable)
        {
            return $"refers to the credential {name}, which cannot be opened. {unreadable.Message}";
        }
    }

    private void Use(string name, string by)
    {
        var now = clock.GetUtcNow();
        var version = values[name].Version;
        lock (gate)
        {
            var before = seen.GetValueOrDefault((name, by));
            if (before.Version == version && now - before.At < Grain) return;
            seen[(name, by)] = (version, now);
            taken.Writer.TryWrite(new TakenCredential(name, by, First: before.Version != version, now));
        }
    }
}
