using System.Net.Http.Headers;
using Soar;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Http;

namespace Example.Siren;

/// <summary>The connector: one class, made once from its settings, used by all runs at once.</summary>
[Connector("siren", "Sounds sirens by their controller's HTTP interface.", Rate = "10/s")]
public sealed class SirenConnector(SirenSettings settings, ConnectorServices services) : IConnector, ISiren
{
    private readonly HttpAccess http = new(settings.Rules() with { Authorise = request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", settings.Token!.Reveal()) }, services);

    public object Simulator { get; } = new SirenSimulator(settings);

    public async Task<SirenState> SoundAsync(string zone, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        Allowed(settings, zone, duration);
        // The key goes to the other side, so that the probe can tell ours from others'. What HTTP can answer is told by HttpAccess.
        var until = duration == Until.Lifted ? (DateTimeOffset?)null : services.Clock.GetUtcNow() + duration;
        var reply = await http.SendAsync(HttpCall.Changes(HttpMethod.Put, settings.At($"zones/{zone}")).Json(new { key = context.Key.Value, until }), cancellation);
        return State(reply.Json<Zone>());
    }

    public Task SilenceAsync(string zone, ActionContext context, CancellationToken cancellation) =>
        http.SendAsync(HttpCall.Changes(HttpMethod.Delete, settings.At($"zones/{zone}")).Takes(404), cancellation);

    public async Task<IReadOnlyList<SirenState>> SoundingAsync(ActionContext context, CancellationToken cancellation)
    {
        var reply = await http.SendAsync(HttpCall.Reads(settings.At($"zones")), cancellation);
        return [.. reply.Json<List<Zone>>().Select(State)];
    }

    public async Task<Probe<SirenState>> ProbeSoundAsync(string zone, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        var reply = await http.SendAsync(HttpCall.Reads(settings.At($"zones/{zone}")).Takes(404), cancellation);
        if (reply.Status == 404)
            return Probe.Absent<SirenState>();
        var found = reply.Json<Zone>();
        return Probe.Present(State(found), ours: found.Key == context.Key.Value);
    }

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => ConnectorTest.OfAsync(async () =>
    {
        var reply = await http.SendAsync(HttpCall.Reads(settings.At($"zones")), cancellation);
        return new ConnectorTest(true, $"{HttpAccess.Show(reply.Address)} answers and takes the token; {reply.Json<List<Zone>>().Count} sirens sound.");
    });

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>What is surely refused is refused here, by the simulator too: dry runs and tests then tell the same.</summary>
    internal static void Allowed(SirenSettings settings, string zone, TimeSpan duration)
    {
        if (zone.Any(character => !char.IsAsciiLetterOrDigit(character)))
            throw ConnectorFailure.Permanent($"'{zone}' is not a zone. Write its code in letters and digits, for example b2.", reason: "zone");
        if (duration > settings.Longest)
            throw ConnectorFailure.Permanent($"A siren sounds for {Durations.Say(settings.Longest)} at most (setting longest), not for {Durations.Say(duration)}.", reason: "duration");
    }

    private static SirenState State(Zone zone) => new(zone.Name, zone.Until, $"zone {zone.Name} sounds{(zone.Until is { } until ? $" until {until:u}" : "")}, key {zone.Key}");

    /// <summary>The controller's JSON. What is required and missing makes the answer garbage.</summary>
    private sealed record Zone
    {
        public required string Name { get; init; }
        public string? Key { get; init; }
        public DateTimeOffset? Until { get; init; }
    }
}

/// <summary>Answers dry runs and playbook tests; touches nothing, keeps nothing.</summary>
internal sealed class SirenSimulator(SirenSettings settings) : ISiren
{
    public Task<SirenState> SoundAsync(string zone, TimeSpan duration, ActionContext context, CancellationToken cancellation)
    {
        SirenConnector.Allowed(settings, zone, duration);
        return Task.FromResult(new SirenState(zone, null, "simulated"));
    }

    public Task SilenceAsync(string zone, ActionContext context, CancellationToken cancellation) => Task.CompletedTask;
    public Task<IReadOnlyList<SirenState>> SoundingAsync(ActionContext context, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<SirenState>>([]);
    public Task<Probe<SirenState>> ProbeSoundAsync(string zone, TimeSpan duration, ActionContext context, CancellationToken cancellation) => Task.FromResult(Probe.Absent<SirenState>());
}
