using Soar;
using Soar.Capabilities;

namespace Example.Siren;

/// <summary>A siren as its controller holds it.</summary>
/// <param name="Zone">Where it sounds.</param>
/// <param name="Until">When the controller itself silences it; null where it keeps no time.</param>
/// <param name="Evidence">The controller's own words for it.</param>
public sealed record SirenState(string Zone, DateTimeOffset? Until, string Evidence);

/// <summary>A capability of your own: playbooks call it as <c>Siren.Sound(zone, duration)</c>.</summary>
[Capability("Siren", "Sounds the sirens of a building.")]
public interface ISiren
{
    /// <summary>Sounds the siren of a zone for a time. One that sounds longer is left as it is.</summary>
    /// <param name="zone">The zone's code, for example <c>b2</c>.</param>
    /// <param name="duration">How long; <c>Until.Lifted</c> for no end.</param>
    [Action(Effect.Contains, SafeToRepeat = true, Inverse = nameof(SilenceAsync), Probe = nameof(ProbeSoundAsync))]
    Task<SirenState> SoundAsync([Target] string zone, [LeaseTime] TimeSpan duration, ActionContext context, CancellationToken cancellation);

    /// <summary>Silences it. One that is silent is no error.</summary>
    [Action(Effect.Lifts, SafeToRepeat = true)]
    Task SilenceAsync([Target] string zone, ActionContext context, CancellationToken cancellation);

    /// <summary>Every siren that sounds now, ours or not.</summary>
    [Action(Effect.ReadsOnly)]
    Task<IReadOnlyList<SirenState>> SoundingAsync(ActionContext context, CancellationToken cancellation);

    [Probe]
    Task<Probe<SirenState>> ProbeSoundAsync(string zone, TimeSpan duration, ActionContext context, CancellationToken cancellation);
}
