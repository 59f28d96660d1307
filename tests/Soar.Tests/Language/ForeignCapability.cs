using Soar.Capabilities;

namespace Soar.Tests.Language;

public enum Door { Front, Back }

public sealed record Badge(string Holder, Door Door);

/// <summary>A capability that Soar does not bring itself.</summary>
[Capability("Badges", "Opens and closes doors.")]
public interface IBadges
{
    /// <summary>Lets a person in &amp; out.</summary>
    [Action(Effect.Records)]
    Task<Badge> AllowAsync(string holder, Door door = Door.Back, int floors = 3, bool escorted = false, TimeSpan? until = null, Text reason = default, IReadOnlyList<Badge>? together = null,
        ActionContext context = null!, CancellationToken cancellation = default);

    /// <summary>Its parameters have the names that the generated code would have taken.</summary>
    [Action(Effect.Records)]
    Task<Badge> LendAsync(string at, string _at, int arguments = 1, string? action = null, string? script = null, string? Arguments = null, ActionContext context = null!, CancellationToken cancellation = default);

    [Action(Effect.Records)]
    Task RevokeAsync(Badge badge, ActionContext context, CancellationToken cancellation);
}
