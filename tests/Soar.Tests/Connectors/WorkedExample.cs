using Soar.Capabilities;
using Soar.Connectors;

namespace Soar.Tests.Connectors.WorkedExample;

// <example>
/// <summary>A capability of your own: playbooks call it as <c>Siren.Sound(zone, duration)</c>.</summary>
[Capability("Siren", "Sounds the sirens of a building.")]
public interface ISiren
{
    /// <summary>Sounds the siren of a zone for a time.</summary>
    [Action(Effect.Contains, SafeToRepeat = true, Inverse = nameof(SilenceAsync), Probe = nameof(ProbeSoundAsync))]
    Task<SirenState> SoundAsync([Target] string zone, [LeaseTime] TimeSpan duration, ActionContext context, CancellationToken cancellation);

    /// <summary>Silences it. One that is silent is no error.</summary>
    [Action(Effect.Lifts, SafeToRepeat = true)]
    Task SilenceAsync([Target] string zone, ActionContext context, CancellationToken cancellation);

    [Probe]
    Task<Probe<SirenState>> ProbeSoundAsync(string zone, TimeSpan duration, ActionContext context, CancellationToken cancellation);
}

/// <summary>What the siren says of itself.</summary>
public sealed record SirenState(string Zone, string Evidence);

/// <summary>What stands in soar.yaml.</summary>
public sealed record SirenSettings : IValidatedSettings
{
    [Setting("Address of the siren's controller.")]
    public string Host { get; init; } = "";

    public IEnumerable<string> Problems()
    {
        if (Host.Length == 0)
            yield return "host: is missing; write the controller's name";
    }
}

/// <summary>The connector: one class, made once from its settings, used by all runs at once.</summary>
[Connector("siren", "Sounds sirens.", Proven = "")]
public sealed class SirenConnector(SirenSettings settings, ConnectorServices services) : IConnector, ISiren
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> sounding = new(); // stands for the controller

    public object Simulator { get; } = new SirenSimulator();

    public Task<SirenState> SoundAsync(string zone, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        if (zone.Contains(' '))
            throw ConnectorFailure.Permanent($"'{zone}' is not a zone. Write its code, for example b2.", reason: "zone");
        sounding[zone] = context.Key.Value; // the key goes to the other side, so that the probe can tell ours
        return Task.FromResult(new SirenState(zone, $"{settings.Host}: on since {services.Clock.GetUtcNow():u}"));
    }

    public Task SilenceAsync(string zone, ActionContext context, CancellationToken cancellation)
    {
        sounding.TryRemove(zone, out _);
        return Task.CompletedTask;
    }

    public Task<Probe<SirenState>> ProbeSoundAsync(string zone, TimeSpan duration, ActionContext context, CancellationToken cancellation) => Task.FromResult(
        sounding.TryGetValue(zone, out var key) ? Probe.Present(new SirenState(zone, "on"), ours: key == context.Key.Value) : Probe.Absent<SirenState>());

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => Task.FromResult(new ConnectorTest(true, $"{settings.Host} answers."));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Answers dry runs and playbook tests; touches nothing, keeps nothing.</summary>
public sealed class SirenSimulator : ISiren
{
    public Task<SirenState> SoundAsync(string zone, TimeSpan duration, ActionContext context, CancellationToken cancellation) => Task.FromResult(new SirenState(zone, "simulated"));
    public Task SilenceAsync(string zone, ActionContext context, CancellationToken cancellation) => Task.CompletedTask;
    public Task<Probe<SirenState>> ProbeSoundAsync(string zone, TimeSpan duration, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.Absent<SirenState>());
}
// </example>
