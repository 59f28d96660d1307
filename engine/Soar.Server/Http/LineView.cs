using Soar.Connectors;
using Soar.Runs;

namespace Soar.Server.Http;

/// <summary>A call that stands in line at a connector instance which takes only so many at once.</summary>
/// <param name="Path">The step, within its run.</param>
/// <param name="Ahead">How many are before it.</param>
internal sealed record LineView(string Instance, RunId Run, string Path, string Action, Lane Lane, DateTimeOffset Since, int Ahead)
{
    /// <summary>A line may be thousands long: the first of it tell enough.</summary>
    public const int MostShown = 100;

    /// <summary>The same for people.</summary>
    internal string Words => $"waits for a free place at {Instance}, {Ahead} ahead";

    public static LineView Of(string instance, PlaceInLine place) => new(instance, place.Holder.Run, place.Holder.Path, place.Holder.Action, place.Lane, place.Since, place.Ahead ?? 0);
}
